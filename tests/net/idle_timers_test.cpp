#define CAF_SUITE net.idle_timers

#include "net/ws/idle_timers.hpp"

#include "caf/test/dsl.hpp"

#include <chrono>

using namespace std::chrono_literals;
using namespace troupe;

using net::idle_timers;
using outcome = idle_timers::verdict;

namespace {

struct fixture {
  fixture() : limits{make_config()} {
    timers.start(now);
  }

  static config make_config() {
    config result;
    result.ping_period = 10s;
    result.pong_timeout = 4s;
    result.read_timeout = 60s;
    return result;
  }

  outcome after(std::chrono::seconds time) {
    now += time;
    return timers.check(now, last_read, limits);
  }

  idle_timers::time_point now{1h};
  idle_timers::time_point last_read = now;
  net::ws_limits limits;
  idle_timers timers;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(idle_timers_tests, fixture)

CAF_TEST(a silent client is pinged and then given up) {
  CAF_CHECK(after(9s) == outcome::fine);
  CAF_CHECK(after(1s) == outcome::ping_due);
  CAF_CHECK(after(4s) == outcome::fine);
  CAF_CHECK(after(1s) == outcome::no_pong);
}

CAF_TEST(any byte answers a ping) {
  CAF_CHECK(after(10s) == outcome::ping_due);
  last_read = now + 1s;
  CAF_CHECK(after(5s) == outcome::fine);
  CAF_CHECK(after(5s) == outcome::fine);
  CAF_CHECK(after(1s) == outcome::ping_due);
}

CAF_TEST(the first pong after a ping tells the round trip) {
  CAF_CHECK(!timers.on_pong(now));
  CAF_CHECK(after(10s) == outcome::ping_due);
  CAF_CHECK(timers.on_pong(now + 30ms) == 30ms);
  CAF_CHECK(!timers.on_pong(now + 40ms));
}

CAF_TEST(pongs that the session has not read for long are not measured) {
  CAF_CHECK(after(10s) == outcome::ping_due);
  timers.reset(now + 1s);
  CAF_CHECK(!timers.on_pong(now + 2s));
}

CAF_TEST(only messages and pongs satisfy the read timeout) {
  for (auto i = 0; i < 6; ++i) {
    last_read = now + 10s;
    CAF_CHECK(after(10s) == outcome::fine);
  }
  last_read = now + 1s;
  CAF_CHECK(after(1s) == outcome::no_message);
  timers.on_message(now);
  CAF_CHECK(after(1s) == outcome::fine);
}

CAF_TEST_FIXTURE_SCOPE_END()
