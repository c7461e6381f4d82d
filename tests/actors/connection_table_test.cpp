#define CAF_SUITE actors.connection_table

#include "actors/connection_table.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/test/unit_test.hpp>

#include <set>
#include <string>

using namespace troupe::actors;

namespace {

struct fixture {
  caf::actor spawn() {
    return sys.spawn([] { return caf::behavior{[](caf::unit_t) {}}; });
  }

  std::set<std::string> ids() const {
    std::set<std::string> res;
    x.for_each(
      [&](std::string_view id, const caf::actor&) { res.emplace(id); });
    return res;
  }

  caf::actor_system_config cfg;
  caf::actor_system sys{cfg};
  caf::actor alice = spawn();
  caf::actor bob = spawn();
  connection_table x;

  ~fixture() {
    for (const auto& who : {alice, bob})
      caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(connection_table_tests, fixture)

CAF_TEST(a connection is found by its id and the id by the connection) {
  x.add("alice", alice);
  x.add("bob", bob);
  CAF_REQUIRE(x.find("alice") != nullptr);
  CAF_CHECK(*x.find("alice") == alice);
  CAF_CHECK(*x.find("bob") == bob);
  CAF_CHECK(x.find("carol") == nullptr);
  CAF_CHECK(x.contains("bob"));
  CAF_CHECK(!x.contains("carol"));
  CAF_CHECK(x.id_of(bob.id()) == "bob");
  CAF_CHECK_EQUAL(x.size(), 2u);
  CAF_CHECK(ids() == (std::set<std::string>{"alice", "bob"}));
}

CAF_TEST(what was removed has no id any more and the id is free) {
  x.add("alice", alice);
  x.add("bob", bob);
  auto gone = x.remove(alice.id());
  CAF_REQUIRE(gone);
  CAF_CHECK_EQUAL(gone->id, "alice");
  CAF_CHECK(gone->handle == alice);
  CAF_CHECK(!x.contains("alice"));
  CAF_CHECK(!x.id_of(alice.id()));
  CAF_CHECK(!x.remove(alice.id()));
  CAF_CHECK(x.contains("bob"));
  auto heir = spawn();
  x.add("alice", heir);
  CAF_CHECK(*x.find("alice") == heir);
  CAF_CHECK(x.id_of(heir.id()) == "alice");
  caf::anon_send_exit(heir, caf::exit_reason::user_shutdown);
}

CAF_TEST(an id that its connection keeps can be removed with the last handle) {
  struct keeper : caf::event_based_actor {
    explicit keeper(caf::actor_config& cfg) : caf::event_based_actor(cfg) {
    }
    caf::behavior make_behavior() override {
      return {[](caf::unit_t) {}};
    }
    std::string id = "an id that is too long to lie in the string itself";
  };
  auto who = sys.spawn<keeper>();
  auto* as_keeper
    = static_cast<keeper*>(caf::actor_cast<caf::abstract_actor*>(who));
  auto number = who.id();
  x.add(as_keeper->id, who);
  caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
  who = nullptr;
  auto gone = x.remove(number);
  CAF_REQUIRE(gone);
  CAF_CHECK_EQUAL(gone->id,
                  "an id that is too long to lie in the string itself");
}

CAF_TEST(a connection that ends counts until its actor has ended) {
  CAF_CHECK(x.empty());
  x.add("alice", alice);
  CAF_CHECK(!x.empty());
  x.add_ending(alice);
  x.add_ending(alice); // adding twice has no effect
  x.remove(alice.id());
  CAF_CHECK_EQUAL(x.size(), 0u);
  CAF_CHECK(!x.empty());
  auto count = 0;
  x.for_each_ending([&](const caf::actor& who) {
    CAF_CHECK(who == alice);
    ++count;
  });
  CAF_CHECK_EQUAL(count, 1);
  CAF_CHECK(x.remove_ending(alice.id()));
  CAF_CHECK(!x.remove_ending(alice.id()));
  CAF_CHECK(x.empty());
}

CAF_TEST(nothing is left of a cleared table) {
  x.add("alice", alice);
  x.add_ending(bob);
  x.clear();
  CAF_CHECK(x.empty());
  CAF_CHECK(!x.contains("alice"));
  CAF_CHECK(!x.id_of(alice.id()));
}

CAF_TEST(some are selected by their id and there is a limit) {
  x.add("alice", alice);
  x.add("bob", bob);
  CAF_CHECK_EQUAL(x.some({"", 5}).size(), 2u);
  CAF_CHECK_EQUAL(x.some({"", 1}).size(), 1u);
  CAF_CHECK(x.some({"carol", 5}).empty());
  auto found = x.some({"lic", 5});
  CAF_REQUIRE_EQUAL(found.size(), 1u);
  CAF_CHECK_EQUAL(found[0].id, "alice");
  CAF_CHECK(found[0].handle == alice);
}

CAF_TEST_FIXTURE_SCOPE_END()
