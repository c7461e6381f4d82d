#define CAF_SUITE actors.drain_actor

#include "actors/drain_actor.hpp"

#include "support/fixture.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace troupe;

namespace {

struct fixture : test::fixture {
  std::vector<test::fake_client> clients;
  caf::actor actor;

  void connect_many(int count) {
    for (auto i = 0; i < count; ++i)
      clients.push_back(connect("client " + std::to_string(i)));
  }

  size_t closed() const {
    auto is_closed = [](const auto& x) { return x.socket->closed(); };
    return static_cast<size_t>(std::ranges::count_if(clients, is_closed));
  }

  void drain(caf::timespan window) {
    actor = actors::spawn_drain(sys, server.registry(), window);
    consume_messages(); // `run` would also trigger all later waves.
  }

  bool is_done() const {
    return caf::actor_cast<caf::abstract_actor*>(actor)->getf(
      caf::abstract_actor::is_terminated_flag);
  }

  void pass(caf::timespan time) {
    advance_time(time);
    consume_messages();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(drain_tests, fixture)

CAF_TEST(connections are closed evenly over the window) {
  connect_many(20);
  drain(1s); // ten waves
  for (size_t wave = 1; wave <= 10; ++wave) {
    CAF_CHECK_EQUAL(closed(), 2 * wave);
    pass(100ms);
  }
  CAF_CHECK_EQUAL(connection_count(), 0u);
}

CAF_TEST(clients are told to come back) {
  connect_many(1);
  drain(1s);
  CAF_REQUIRE(clients.front().socket->closed());
  CAF_CHECK(clients.front().socket->code() == close_code::service_restart);
}

CAF_TEST(few connections do not wait for the end of the window) {
  connect_many(3);
  drain(10s);
  CAF_CHECK_EQUAL(closed(), 1u);
  pass(100ms);
  CAF_CHECK_EQUAL(closed(), 2u);
  pass(100ms);
  CAF_CHECK_EQUAL(closed(), 3u);
}

CAF_TEST(without a window all are closed at once) {
  connect_many(5);
  drain(0s);
  CAF_CHECK_EQUAL(closed(), 5u);
  CAF_CHECK(is_done());
}

CAF_TEST(connections that end meanwhile do no harm) {
  connect_many(10);
  drain(1s);
  for (auto& x : clients)
    if (!x.socket->closed())
      x.hang_up();
  consume_messages();
  for (auto i = 0; i < 10; ++i)
    pass(100ms);
  CAF_CHECK_EQUAL(connection_count(), 0u);
}

CAF_TEST(connections that come meanwhile are closed at the end) {
  connect_many(3);
  drain(300ms);
  clients.push_back(server.connect("late"));
  consume_messages();
  auto& late = *clients.back().socket;
  pass(100ms);
  CAF_CHECK(!late.closed());
  pass(100ms);
  CAF_CHECK_EQUAL(closed(), 4u);
  CAF_CHECK(late.code() == close_code::service_restart);
  CAF_CHECK(is_done());
}

CAF_TEST(a server without connections is drained at once) {
  drain(10s);
  CAF_CHECK(is_done());
}

CAF_TEST_FIXTURE_SCOPE_END()
