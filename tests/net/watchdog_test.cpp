#define CAF_SUITE net.watchdog

#include "net/runtime/watchdog.hpp"

#include "support/running.hpp"

#include <caf/test/unit_test.hpp>

#include <condition_variable>
#include <mutex>
#include <optional>

using namespace std::chrono_literals;
using namespace troupe;
using namespace troupe::test;

namespace {

constexpr auto interval = 2ms;

/// Counts the calls of a watchdog.
class calls {
public:
  void operator()() {
    std::lock_guard guard{mutex_};
    ++count_;
    changed_.notify_all();
  }

  int count() {
    std::lock_guard guard{mutex_};
    return count_;
  }

  void await_more(int n) {
    std::unique_lock guard{mutex_};
    auto end = count_ + n;
    CAF_REQUIRE(
      changed_.wait_for(guard, patience, [&] { return count_ >= end; }));
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

struct fixture {
  running r{2};
  calls alive;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(watchdog_tests, fixture)

CAF_TEST(idle threads are alive) {
  net::watchdog dog{r.scheduler.threads(), interval, [this] { alive(); }};
  alive.await_more(3);
}

CAF_TEST(each thread must be alive) {
  CAF_REQUIRE_EQUAL(r.scheduler.threads().size(), 3u); // one for control
  for (const auto& held : r.scheduler.threads()) {
    calls others;
    running elsewhere{1};
    net::watchdog dog{r.scheduler.threads(), interval, [this] { alive(); }};
    net::watchdog clock{elsewhere.scheduler.threads(), interval,
                        [&others] { others(); }};
    alive.await_more(1);
    std::optional<held_thread> holder{std::in_place, *held};
    others.await_more(3); // A call that was due may still be made.
    auto before = alive.count();
    others.await_more(10);
    CAF_CHECK_EQUAL(alive.count(), before);
    holder.reset();
    alive.await_more(3);
  }
}

CAF_TEST(without an interval there are no calls) {
  calls others;
  net::watchdog none{r.scheduler.threads(), 0us, [this] { alive(); }};
  net::watchdog clock{r.scheduler.threads(), interval, [&others] { others(); }};
  others.await_more(5);
  CAF_CHECK_EQUAL(alive.count(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
