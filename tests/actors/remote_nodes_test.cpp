#define CAF_SUITE actors.remote_nodes

#include "actors/remote_nodes.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/test/unit_test.hpp>

using namespace troupe;
using namespace troupe::actors;

namespace {

struct fixture {
  caf::actor spawn() {
    return sys.spawn([] { return caf::behavior{[](caf::unit_t) {}}; });
  }

  remote_nodes::node& at(const caf::actor& bridge) {
    return *x.find(bridge.address());
  }

  bool is_remote(const std::string& id) const {
    return x.claims().is_remote(id);
  }

  caf::actor_system_config cfg;
  caf::actor_system sys{cfg};
  caf::actor earth = spawn();
  caf::actor mars = spawn();
  remote_nodes x{id_conflict::reject_new};

  fixture() {
    x.add(earth, "0000000a");
    x.add(mars, "0000000b");
  }

  ~fixture() {
    for (const auto& who : {earth, mars})
      caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(remote_nodes_tests, fixture)

CAF_TEST(a node is found by its bridge and by its name) {
  CAF_REQUIRE(x.find(earth.address()) != nullptr);
  CAF_CHECK_EQUAL(x.find(earth.address())->name, "0000000a");
  CAF_REQUIRE(x.find_by_name("0000000b") != nullptr);
  CAF_CHECK(x.find_by_name("0000000b")->bridge == mars);
  CAF_CHECK(x.find_by_name("0000000c") == nullptr);
  CAF_CHECK(x.bridges() == (std::vector<caf::actor>{earth, mars}));
}

CAF_TEST(an id of the default form names its node) {
  auto* node
    = x.node_of_connection("3f1c2a00-0000-4000-8000-000000000000@0000000b");
  CAF_REQUIRE(node != nullptr);
  CAF_CHECK(node->bridge == mars);
  CAF_CHECK(
    x.node_of_connection("3f1c2a00-0000-4000-8000-000000000000@0000000c")
    == nullptr);
}

CAF_TEST(any other id belongs to the node that holds it) {
  CAF_CHECK(x.node_of_connection("alice") == nullptr);
  x.hold_remote_id(at(mars), {"alice", 1, 1});
  CAF_REQUIRE(x.node_of_connection("alice") != nullptr);
  CAF_CHECK(x.node_of_connection("alice")->bridge == mars);
  x.free_remote_id(at(mars), "alice");
  CAF_CHECK(x.node_of_connection("alice") == nullptr);
  CAF_CHECK(at(mars).ids.empty());
}

CAF_TEST(the ids of a removed node count no more and are forgotten singly) {
  x.hold_remote_id(at(earth), {"alice", 1, 1});
  x.hold_remote_id(at(earth), {"bob", 1, 1});
  x.hold_remote_id(at(mars), {"bob", 2, 1});
  auto gone = x.remove(earth.address());
  CAF_REQUIRE(gone);
  CAF_CHECK(x.find(earth.address()) == nullptr);
  CAF_CHECK(!is_remote("alice"));
  CAF_REQUIRE(x.node_of_connection("bob") != nullptr);
  CAF_CHECK(x.node_of_connection("bob")->bridge == mars);
  CAF_CHECK(x.forget_id(*gone) == "alice");
  CAF_CHECK(x.forget_id(*gone) == "bob");
  CAF_CHECK(!x.forget_id(*gone));
  x.finish(*gone);
  CAF_CHECK(!is_remote("alice"));
  CAF_CHECK(is_remote("bob"));
  CAF_CHECK(!x.remove(earth.address()));
}

CAF_TEST(what a removed node held returns unless it was forgotten before) {
  x.hold_remote_id(at(earth), {"alice", 1, 1});
  auto gone = x.remove(earth.address());
  CAF_REQUIRE(gone);
  x.finish(*gone); // too early, to show the purpose of `forget_id`
  CAF_CHECK(is_remote("alice"));
  x.forget_id(*gone);
  CAF_CHECK(!is_remote("alice"));
}

CAF_TEST(the rooms of a removed node are forgotten singly) {
  at(earth).rooms = {"kitchen", "lobby"};
  auto gone = x.remove(earth.address());
  CAF_REQUIRE(gone);
  CAF_CHECK(remote_nodes::forget_room(*gone) == "kitchen");
  CAF_CHECK(remote_nodes::forget_room(*gone) == "lobby");
  CAF_CHECK(!remote_nodes::forget_room(*gone));
}

CAF_TEST(a bridge is replaced by the next one of its node only) {
  auto newer = spawn();
  CAF_CHECK(!x.replace("0000000c"));
  auto gone = x.replace("0000000a");
  CAF_REQUIRE(gone);
  CAF_CHECK(gone->bridge == earth);
  CAF_CHECK(x.is_replaced(earth.address()));
  x.add(newer, "0000000a");
  CAF_CHECK(x.find_by_name("0000000a")->bridge == newer);
  CAF_CHECK(!x.is_replaced(newer.address()));
  x.remove(mars.address()); // Its bridge has ended.
  CAF_CHECK(!x.is_replaced(mars.address()));
  x.forget_replaced(earth.address());
  CAF_CHECK(!x.is_replaced(earth.address()));
  caf::anon_send_exit(newer, caf::exit_reason::user_shutdown);
}

CAF_TEST_FIXTURE_SCOPE_END()
