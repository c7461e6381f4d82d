#define CAF_SUITE actors.membership

#include "actors/cluster/membership_actor.hpp"

#include "support/membership_fixture.hpp"

using namespace std::chrono_literals;
using namespace troupe;
using namespace troupe::actors;
using test::strings;

CAF_TEST_FIXTURE_SCOPE(membership_view_tests, test::membership_fixture)

CAF_TEST(what was sent to an address is counted on when a node comes back) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  auto to_b = [&] {
    auto xs = ask_node<std::vector<node_info>>(a, nodes{});
    CAF_REQUIRE_EQUAL(xs.size(), 1u);
    return xs[0];
  };
  self->send(server.registry(), msg::publish{troupe::all, frame::text("hi")});
  settle();
  CAF_CHECK_EQUAL(to_b().sent, 1u);
  mesh.block("a", "b:1");
  mesh.lose_for("a", "b");
  settle();
  CAF_CHECK(to_b().state == link_state::connecting);
  CAF_CHECK_EQUAL(to_b().sent, 1u);
  mesh.heal();
  pass(10s);
  CAF_CHECK(to_b().state == link_state::up);
  CAF_CHECK_EQUAL(to_b().sent, 1u);
}

CAF_TEST(nodes are listed with what is known of them) {
  auto a = start("a", {"never:1"});
  auto b = start("b", {"a:1"});
  auto xs = ask_node<std::vector<node_info>>(a, nodes{});
  CAF_REQUIRE_EQUAL(xs.size(), 2u);
  CAF_CHECK(xs[0] == (node_info{"b", "b:1", b->incarnation, link_state::up}));
  CAF_CHECK(xs[1] == (node_info{"", "never:1"}));
}

CAF_TEST(two nodes that a third one sees are told when they are cut off) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  auto c = start("c", {"a:1"});
  pass(1min);
  auto lines = note_lines("and node b");
  mesh.silence("a", "b");
  mesh.block("a", "b:1");
  mesh.block("b", "a:1");
  pass(12s); // until a and b have missed and reported each other
  CAF_CHECK_EQUAL(known_to(a), strings{"c"});
  CAF_CHECK_EQUAL(unseen_by(c, "a"), strings{});
  pass(12s);
  CAF_CHECK_EQUAL(known_to(c), (strings{"a", "b"}));
  CAF_CHECK_EQUAL(unseen_by(c, "a"), strings{"b"});
  CAF_CHECK_EQUAL(unseen_by(c, "b"), strings{"a"});
  CAF_CHECK_EQUAL(unseen_by(a, "c"), strings{});
  pass(1min);
  mesh.heal();
  pass(10s);
  CAF_CHECK_EQUAL(known_to(a), (strings{"b", "c"}));
  CAF_CHECK_EQUAL(unseen_by(c, "a"), strings{});
  CAF_CHECK_EQUAL(unseen_by(c, "b"), strings{});
  CAF_CHECK(flush_log(30s));
  std::sort(lines->begin(), lines->end());
  std::string cut = " and node b cannot reach each other, though both are up";
  std::string over = " and node b are no longer cut off from each other";
  CAF_CHECK_EQUAL(*lines, (strings{"node a" + over, "node a" + cut,
                                   "this node" + over, "this node" + cut}));
}

CAF_TEST(nodes that come and go are not taken for cut off) {
  auto lines = note_lines("cannot reach each other");
  strings seeds{"a:1"};
  auto a = start("a");
  auto b = start("b", seeds);
  auto c = start("c", seeds);
  for (auto i = 0; i < 3; ++i) {
    pass(30s);
    mesh.kill(*c);
    pass(30s);
    c = start("c" + std::to_string(i), seeds, {}, "c:1");
  }
  pass(1min);
  CAF_CHECK_EQUAL(unseen_by(a, "b"), strings{});
  CAF_CHECK(flush_log(30s));
  CAF_CHECK_EQUAL(*lines, strings{});
}

CAF_TEST(a bridge that breaks down is replaced) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  pass(100ms);
  for (const auto& [x, y] : {std::pair{a, b}, {b, a}}) {
    auto before = mesh.last_bridge(*x, *y);
    CAF_REQUIRE(mesh.bridges_have_met(*a, *b));
    test::break_down(before);
    pass(100ms);
    CAF_CHECK(mesh.last_bridge(*x, *y) != before);
    CAF_CHECK(mesh.bridges_have_met(*a, *b));
  }
  CAF_CHECK_EQUAL(known_to(a), strings{"b"});
}

CAF_TEST(bridges that end with their server are not replaced) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  pass(100ms);
  auto hellos = mesh.hellos();
  caf::anon_send(server.registry(), actors::stop{1s});
  pass(3s);
  CAF_CHECK_EQUAL(mesh.hellos(), hellos);
}

CAF_TEST_FIXTURE_SCOPE_END()
