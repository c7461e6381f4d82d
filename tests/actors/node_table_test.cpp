#define CAF_SUITE actors.node_table

#include "actors/cluster/node_table.hpp"

#include "support/part_fixture.hpp"

#include <chrono>

using namespace std::chrono_literals;
using namespace troupe;
using namespace troupe::actors;
using test::strings;

namespace {

/// An actor with a table, in place of the membership.
struct owner final : test::part_owner {
  explicit owner(caf::actor_config& cfg) : part_owner(cfg) {
    set_down_handler([this](const caf::down_msg&) { ++downs; });
  }

  node_table table{this};
  size_t downs = 0;
};

struct fixture : test::part_fixture<owner> {
  listener spawn_listener() {
    return part_fixture::spawn_listener(
      [](auto) { return caf::behavior{[](caf::unit_t) {}}; });
  }

  void add(owner& x, const std::string& name, const listener& who) {
    x.table.set_membership(x.table.add(name).first, who.handle);
  }

  /// Ends `who`.
  /// @returns how many `down` messages the owner has received.
  size_t downs_of(const listener& who) {
    caf::anon_send_exit(who.handle, caf::exit_reason::kill);
    run();
    size_t result = 0;
    act([&](owner& x) { result = std::exchange(x.downs, 0); });
    return result;
  }

  listener earth = spawn_listener();
  listener mars = spawn_listener();
  node_table::time_point t{1h};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(node_table_tests, fixture)

CAF_TEST(nodes are found by name and by membership) {
  act([this](owner& x) {
    CAF_CHECK(x.table.add("earth").second);
    CAF_CHECK(!x.table.add("earth").second);
    CAF_CHECK(x.table.find(earth.handle.address()) == nullptr);
    add(x, "earth", earth);
    add(x, "mars", mars);
    CAF_CHECK_EQUAL(x.table.find(earth.handle.address())->name, "earth");
    CAF_CHECK_EQUAL(x.table.find("mars")->name, "mars");
    CAF_CHECK(x.table.find("venus") == nullptr);
    CAF_CHECK(x.table.names() == (strings{"earth", "mars"}));
    CAF_CHECK_EQUAL(x.table.remove("earth").name, "earth");
    CAF_CHECK(!x.table.is_up("earth"));
  });
}

CAF_TEST(a membership is monitored once as long as it is known) {
  act([this](owner& x) {
    x.table.greet(earth.handle, "earth:1", t);
    x.table.greet(earth.handle, "earth:2", t);
    add(x, "earth", earth);
    CAF_CHECK(x.table.end_greetings(earth.handle.address())
              == (strings{"earth:1", "earth:2"}));
    CAF_CHECK(x.table.is_known(earth.handle.address()));
    x.table.greet(mars.handle, "", t);
    CAF_CHECK(x.table.end_greetings(mars.handle.address()).empty());
    CAF_CHECK(!x.table.is_known(mars.handle.address()));
  });
  CAF_CHECK_EQUAL(downs_of(earth), 1u);
  CAF_CHECK_EQUAL(downs_of(mars), 0u);
}

CAF_TEST(a membership that is replaced or removed is not monitored) {
  auto venus = spawn_listener();
  act([&](owner& x) {
    add(x, "earth", earth);
    add(x, "earth", mars);
    add(x, "venus", venus);
    x.table.remove("venus");
  });
  CAF_CHECK_EQUAL(downs_of(earth), 0u);
  CAF_CHECK_EQUAL(downs_of(venus), 0u);
  CAF_CHECK_EQUAL(downs_of(mars), 1u);
}

CAF_TEST(a process replaces those of its name or address) {
  act([](owner& x) {
    for (const auto* name : {"a", "b", "c"}) {
      auto& peer = x.table.add(name).first;
      peer.address = std::string{name} + ":1";
      peer.incarnation = 1;
    }
    CAF_CHECK(x.table.forerunners("a", "b:1", 2) == (strings{"a", "b"}));
    CAF_CHECK(x.table.forerunners("a", "b:1", 1).empty());
    CAF_CHECK(x.table.forerunners("d", "", 2).empty());
  });
}

CAF_TEST(silence is measured from the last sign of life) {
  act([this](owner& x) {
    CAF_CHECK(x.table.first_timeout(1s) == node_table::time_point::max());
    x.table.add("earth").first.heard = t;
    x.table.greet(mars.handle, "mars:1", t - 10ms);
    CAF_CHECK(x.table.first_timeout(1s) == t + 990ms);
    CAF_CHECK(x.table.silent_since(t - 1ms).empty());
    CAF_CHECK(x.table.silent_since(t) == strings{"earth"});
    CAF_CHECK(x.table.greeted_before(t - 11ms).empty());
    CAF_CHECK_EQUAL(x.table.greeted_before(t - 10ms).size(), 1u);
  });
}

CAF_TEST_FIXTURE_SCOPE_END()
