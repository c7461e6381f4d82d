#define CAF_SUITE actors.pairing

#include "actors/cluster/pairing.hpp"

#include "support/fixture.hpp"

#include <deque>
#include <random>

using namespace troupe;
using namespace troupe::actors;

namespace {

/// The pairing of a node with one bridge.
struct side {
  side(caf::actor_system& sys, bool leads) : sys_(sys), leads_(leads) {
  }

  /// Handles the first message in the queue.
  void take() {
    auto [offer, asks] = upper_layer.front();
    upper_layer.pop_front();
    ++taken;
    bool is_unknown = !state;
    if (!state)
      state.emplace(leads_);
    auto must_answer = state->on_offer(
      offer, {
               [this] { return sys_.spawn([] {}); },
               [this](const auto&, const auto&) { ++meetings; },
               [this](const auto&) { ++ended; },
             });
    if (must_answer || is_unknown || asks)
      send();
  }

  void send() {
    if (state)
      other->upper_layer.push_back(
        {{"", state->bridge(), state->met()}, false});
    else
      other->upper_layer.push_back({{}, true});
  }

  std::optional<pairing> state; ///< None while the other node is unknown.
  std::deque<std::pair<bridge_offer, bool>>
    upper_layer; ///< With whether it asks.
  side* other = nullptr;
  size_t meetings = 0;
  size_t ended = 0;
  size_t taken = 0;

private:
  caf::actor_system& sys_;
  bool leads_;
};

struct fixture : test::fixture {
  fixture() {
    a.other = &b;
    b.other = &a;
  }

  bool have_met() {
    return a.state && b.state && a.state->bridge() && b.state->bridge()
           && a.state->met() == b.state->bridge()
           && b.state->met() == a.state->bridge();
  }

  void exchange() {
    for (size_t i = 0; !a.upper_layer.empty() || !b.upper_layer.empty(); ++i) {
      if (i > 50)
        CAF_FAIL("they never end");
      for (auto* x : {&a, &b})
        if (!x->upper_layer.empty())
          x->take();
    }
  }

  side a{sys, true};
  side b{sys, false};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(pairing_tests, fixture)

CAF_TEST(bridges meet after three hellos or four) {
  b.send();
  exchange();
  CAF_CHECK(have_met());
  CAF_CHECK_EQUAL(a.taken + b.taken, 3u);
  a.state.reset();
  b.state.reset();
  a.send();
  exchange();
  CAF_CHECK(have_met());
  CAF_CHECK_EQUAL(a.taken + b.taken, 3u + 4u);
}

CAF_TEST(bridges meet once when both begin) {
  a.send();
  b.send();
  exchange();
  CAF_CHECK(have_met());
  CAF_CHECK_EQUAL(a.meetings, 1u);
  CAF_CHECK_EQUAL(b.meetings, 1u);
  CAF_CHECK_EQUAL(a.ended + b.ended, 0u);
}

CAF_TEST(a hello again changes nothing) {
  a.send();
  exchange();
  for (int i = 0; i < 3; ++i) {
    a.send();
    b.send();
    exchange();
  }
  CAF_CHECK(have_met());
  CAF_CHECK_EQUAL(a.meetings, 1u);
  CAF_CHECK_EQUAL(b.meetings, 1u);
  CAF_CHECK_EQUAL(a.ended + b.ended, 0u);
}

CAF_TEST(after a loss that one side noticed both have fresh bridges) {
  a.send();
  exchange();
  auto old_a = a.state->bridge();
  auto old_b = b.state->bridge();
  a.state.reset();
  a.send();
  exchange();
  CAF_CHECK(have_met());
  CAF_CHECK(a.state->bridge() != old_a);
  CAF_CHECK(b.state->bridge() != old_b);
  CAF_CHECK_EQUAL(b.ended, 1u);
  a.ended = b.ended = 0;
  b.state.reset();
  b.send();
  exchange();
  CAF_CHECK(have_met());
  CAF_CHECK_EQUAL(a.ended, 1u);
}

CAF_TEST(whatever gets lost bridges meet in the end) {
  std::minstd_rand random{5};
  auto chance = [&](unsigned percent) { return random() % 100 < percent; };
  for (int round = 0; round < 2000; ++round) {
    for (int step = 0; step < 20; ++step) {
      auto& x = chance(50) ? a : b;
      if (chance(10))
        x.state.reset(); // drops the other node
      else if (chance(20))
        x.send();
      else if (chance(10))
        x.upper_layer.clear(); // loses the connection
      else if (!x.upper_layer.empty())
        x.take();
    }
    // One side finally dials the other again.
    (chance(50) ? a : b).send();
    if (!a.state && !b.state)
      a.send();
    exchange();
    // A node without a peer sends a hello when it receives a heartbeat.
    for (auto* x : {&a, &b})
      if (!x->state)
        x->send();
    exchange();
    if (!have_met())
      CAF_FAIL("not in round " << round);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
