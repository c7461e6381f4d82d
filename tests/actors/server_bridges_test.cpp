#define CAF_SUITE actors.server_bridges

#include "actors/cluster/server_bridges.hpp"

#include "actors/bridges.hpp"
#include "support/mesh.hpp"
#include "support/part_fixture.hpp"

using namespace troupe;
using namespace troupe::actors;
using test::strings;

namespace {

/// An actor with bridges, in place of the membership of node "a".
struct owner final : test::part_owner {
  explicit owner(caf::actor_config& cfg) : part_owner(cfg) {
    set_down_handler([this](const caf::down_msg&) { ++downs; });
  }

  void on_exit() override {
    bridges.end_all();
  }

  server_bridges bridges{this, nullptr, "a", {}};
  size_t downs = 0;
};

struct fixture : test::part_fixture<owner> {
  fixture() {
    act([this](owner& x) { x.bridges.add({"/", registry.handle}); });
  }

  listener spawn_registry() {
    return spawn_listener([](auto note) {
      return caf::behavior{
        [=](const register_bridge& x) { note("bridge to " + x.node); }};
    });
  }

  /// Handles `offers` as offers of node "b".
  /// @returns whether offers must be sent to "b".
  bool hear(std::vector<bridge_offer> offers) {
    bool result = false;
    act([&](owner& x) { result = x.bridges.on_offers("b", offers, counters); });
    return result;
  }

  /// Returns the offer that "b" gets for its one server.
  bridge_offer offer() {
    bridge_offer result;
    act([&](owner& x) { result = x.bridges.offers("b").at(0); });
    return result;
  }

  std::optional<std::string> drop(const caf::actor& bridge) {
    std::optional<std::string> result;
    act([&](owner& x) { result = x.bridges.drop(bridge.address()); });
    return result;
  }

  listener registry = spawn_registry();
  listener peer = spawn_registry();
  std::shared_ptr<bridge_counters> counters
    = std::make_shared<bridge_counters>();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(server_bridges_tests, fixture)

CAF_TEST(a bridge of a server on both nodes meets its counterpart) {
  CAF_CHECK(!hear({{"/other", nullptr, nullptr}}));
  CAF_CHECK(!offer().bridge);
  CAF_CHECK(hear({{"/", nullptr, nullptr}}));
  auto mine = offer();
  CAF_CHECK_EQUAL(mine.server, "/");
  CAF_REQUIRE(mine.bridge);
  CAF_CHECK(!mine.met);
  CAF_CHECK(!hear({{"/", peer.handle, mine.bridge}}));
  CAF_CHECK(offer().met == peer.handle);
  CAF_CHECK(news(registry) == strings{"bridge to b"});
}

CAF_TEST(a bridge that broke down is offered anew) {
  hear({{"/", nullptr, nullptr}});
  auto old = offer().bridge;
  CAF_CHECK(!drop(peer.handle));
  CAF_CHECK(drop(old) == std::string{"b"});
  CAF_CHECK(!offer().bridge);
  hear({{"/", nullptr, nullptr}});
  CAF_CHECK(offer().bridge && offer().bridge != old);
}

CAF_TEST(a server that has ended has no bridges) {
  hear({{"/", nullptr, nullptr}});
  auto old = offer().bridge;
  caf::anon_send_exit(registry.handle, caf::exit_reason::kill);
  run();
  CAF_CHECK(test::is_over(old));
  CAF_CHECK(!drop(old));
  hear({{"/", nullptr, nullptr}});
  CAF_CHECK(!offer().bridge);
}

CAF_TEST(the bridges to a node end with it) {
  hear({{"/", nullptr, nullptr}});
  auto old = offer().bridge;
  act([](owner& x) { x.bridges.end("b"); });
  CAF_CHECK(test::is_over(old));
  CAF_CHECK(!offer().bridge);
  act([](owner& x) { CAF_CHECK_EQUAL(x.downs, 0u); });
}

CAF_TEST_FIXTURE_SCOPE_END()
