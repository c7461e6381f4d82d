#define CAF_SUITE actors.passing_order

#include "actors/passing_order.hpp"

#include <caf/test/unit_test.hpp>

using namespace troupe;
using namespace troupe::actors;

namespace {

/// Counts how often it is requested to send off.
struct room final : direct_channel {
  bool try_publish(const msg::publish&, const caf::strong_actor_ptr&,
                   direct_receiver*) override {
    return false;
  }

  void flush() override {
    ++flushes;
  }

  bool let_go(caf::actor_id) override {
    return false;
  }

  int flushes = 0;
};

struct fixture {
  passing_order order;
  room lobby;
  room kitchen;
  passing_order::sender alice{1, 0};
  passing_order::sender bob{2, 0};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(passing_order_tests, fixture)

CAF_TEST(who goes on speaking in one room waits for the end of the turn) {
  order.note(alice, nullptr, &lobby);
  order.note(alice, nullptr, &lobby);
  CAF_CHECK_EQUAL(lobby.flushes, 0);
  CAF_CHECK(!order.empty());
  order.send_off();
  CAF_CHECK_EQUAL(lobby.flushes, 1);
  CAF_CHECK(order.empty());
}

CAF_TEST(who speaks elsewhere has the first room send off before) {
  order.note(alice, nullptr, &lobby);
  order.note(alice, nullptr, &kitchen);
  CAF_CHECK_EQUAL(lobby.flushes, 1);
  CAF_CHECK_EQUAL(kitchen.flushes, 0);
  order.note(alice, nullptr, nullptr); // to one connection, sent at once
  CAF_CHECK_EQUAL(kitchen.flushes, 1);
  CAF_CHECK(order.empty());
}

CAF_TEST(one sender says nothing of another) {
  order.note(alice, nullptr, &lobby);
  order.note(bob, nullptr, &kitchen);
  order.note({1, 7}, nullptr, &kitchen); // same number, another node
  order.note(bob, nullptr, nullptr);
  CAF_CHECK_EQUAL(lobby.flushes, 0);
  CAF_CHECK_EQUAL(kitchen.flushes, 1);
  order.send_off();
  CAF_CHECK_EQUAL(lobby.flushes, 1);
  CAF_CHECK_EQUAL(kitchen.flushes, 2);
}

CAF_TEST_FIXTURE_SCOPE_END()
