#define CAF_SUITE actors.node_search

#include "actors/cluster/node_search.hpp"

#include "actors/pinned_actor.hpp"
#include "support/log_watch.hpp"
#include "support/part_fixture.hpp"

#include <chrono>

using namespace std::chrono_literals;
using namespace troupe;
using namespace troupe::actors;
using test::strings;

namespace {

struct fake_transport final : cluster_transport {
  caf::expected<uint16_t> listen(const std::string&, caf::actor) override {
    return uint16_t{1};
  }

  void dial(const std::string& address, caf::actor) override {
    dialed.push_back(address);
  }

  void stop() override {
  }

  strings dialed;
};

/// An actor with a search, in place of the membership.
struct owner final : pinned_actor {
  explicit owner(caf::actor_config& cfg) : pinned_actor(cfg, nullptr) {
  }

  caf::behavior make_behavior() override {
    return {[](const test::part_task& x) { x.run(); }};
  }

  node_search search{this, {"me", 1s, 200ms, 1}};
};

struct fixture : test::part_fixture<owner>, test::log_watch {
  fixture() {
    watch_log();
    act([this](owner& x) { x.search.begin(net, "me:1", {"me:1", "a:1"}); });
  }

  /// Returns the addresses that are dialed after a wait.
  strings dial_after(caf::timespan how_long) {
    advance_time(how_long);
    act([](owner& x) { x.search.dial_due(); });
    return std::exchange(net->dialed, {});
  }

  std::shared_ptr<fake_transport> net = std::make_shared<fake_transport>();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(node_search_tests, fixture)

CAF_TEST(an address is dialed until its node is met) {
  CAF_CHECK(dial_after(1ms) == strings{"a:1"});
  CAF_CHECK(dial_after(10s).empty()); // in progress
  act([](owner& x) { x.search.note_failed("a:1", "no route"); });
  CAF_CHECK(dial_after(1s) == strings{"a:1"});
  act([](owner& x) { x.search.note_failed("a:1", "no route"); });
  CAF_CHECK_EQUAL(count_logged("the node at a:1: no route; retrying"), 1u);
  CAF_CHECK(dial_after(1s) == strings{"a:1"});
  act([](owner& x) { x.search.note_met("a:1", "earth", "a:1"); });
  CAF_CHECK(dial_after(1h).empty());
}

CAF_TEST(an address of a node that is elsewhere is tried again) {
  dial_after(1ms);
  act([](owner& x) { x.search.note_met("a:1", "earth", "b:1"); });
  CAF_CHECK(dial_after(1h) == strings{"a:1"});
}

CAF_TEST(an address that leads to this node is logged once) {
  for (auto i = 0; i < 2; ++i) {
    CAF_CHECK(dial_after(1h) == strings{"a:1"});
    act([](owner& x) { x.search.note_led_back("a:1"); });
  }
  CAF_CHECK_EQUAL(count_logged("a:1 leads to this node itself"), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
