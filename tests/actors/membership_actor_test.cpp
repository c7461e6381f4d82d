#define CAF_SUITE actors.membership

#include "actors/cluster/membership_actor.hpp"

#include "support/membership_fixture.hpp"

using namespace std::chrono_literals;
using namespace troupe;
using namespace troupe::actors;
using test::strings;

CAF_TEST_FIXTURE_SCOPE(membership_tests, test::membership_fixture)

// -- discovery ----------------------------------------------------------------

CAF_TEST(three nodes with one seed make a mesh) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  auto c = start("c", {"a:1"});
  pass(100ms);
  CAF_CHECK_EQUAL(known_to(a), (strings{"b", "c"}));
  CAF_CHECK_EQUAL(known_to(b), (strings{"a", "c"}));
  CAF_CHECK_EQUAL(known_to(c), (strings{"a", "b"}));
  for (const auto& [x, y] : {std::pair{a, b}, {a, c}, {b, c}})
    CAF_CHECK(mesh.bridges_have_met(*x, *y));
}

CAF_TEST(the order of names does not matter for a mesh) {
  auto c = start("c");
  auto b = start("b", {"c:1"});
  auto a = start("a", {"c:1"});
  pass(100ms);
  CAF_CHECK_EQUAL(known_to(a), (strings{"b", "c"}));
  CAF_CHECK_EQUAL(known_to(b), (strings{"a", "c"}));
}

CAF_TEST(of two nodes that are introduced only the lower dials) {
  start("m");
  start("z", {"m:1"});
  start("a", {"m:1"});
  pass(20s);
  CAF_CHECK_EQUAL(mesh.dials("a"), (strings{"m:1", "z:1"}));
  CAF_CHECK_EQUAL(mesh.dials("z"), strings{"m:1"});
}

CAF_TEST(the higher dials after a while if the lower cannot) {
  start("m");
  auto a = start("a", {"m:1"});
  mesh.block("a", "z:1");
  start("z", {"m:1"});
  pass(3s);
  CAF_CHECK_EQUAL(known_to(a), strings{"m"});
  pass(2s);
  CAF_CHECK_EQUAL(known_to(a), (strings{"m", "z"}));
}

CAF_TEST(two nodes that dial each other at once are up once) {
  mesh.latency = 10ms;
  auto a = make("a", {"b:1"});
  auto b = make("b", {"a:1"});
  auto heard = listen_to(a);
  mesh.begin(*a);
  mesh.begin(*b);
  pass(20s);
  CAF_CHECK_EQUAL(mesh.dials("a").size(), 1u);
  CAF_CHECK_EQUAL(mesh.dials("b").size(), 1u);
  CAF_CHECK_EQUAL(*heard, strings{"up b"});
  CAF_CHECK_EQUAL(known_to(b), strings{"a"});
  CAF_CHECK(mesh.bridges_have_met(*a, *b));
}

CAF_TEST(a node never dials its own address) {
  auto a = start("a", {"a:1", "b:1"});
  pass(10s);
  auto dials = mesh.dials("a");
  CAF_CHECK_EQUAL(std::count(dials.begin(), dials.end(), "a:1"), 0);
  CAF_CHECK_EQUAL(sought_by(a), strings{"b:1"});
}

CAF_TEST(a seed that leads to this node is tried again and logged once) {
  auto lines = note_lines("shared:1");
  auto a = make("a", {"shared:1"});
  mesh.add_address("shared:1", a);
  mesh.begin(*a);
  pass(10min);
  CAF_CHECK_EQUAL(sought_by(a), strings{});
  CAF_CHECK_GREATER(mesh.dials("a").size(), 120u);
  CAF_CHECK_LESS(mesh.dials("a").size(), 260u);
  auto b = start("b");
  mesh.add_address("shared:1", b);
  pass(5s);
  CAF_CHECK_EQUAL(known_to(a), strings{"b"});
  CAF_CHECK_EQUAL(known_to(b), strings{"a"});
  CAF_CHECK(flush_log(30s));
  CAF_CHECK_EQUAL(*lines, strings{"shared:1 leads to this node itself; "
                                  "retrying, since it may lead to other nodes "
                                  "as well"});
}

CAF_TEST(groups that met by one name for several nodes become one cluster) {
  auto a = start("a", {"shared:1"});
  auto b = start("b", {"shared:1"});
  auto c = start("c", {"shared:1"});
  auto d = start("d", {"shared:1"});
  // Each dial of a virtual address may lead to another node.
  for (const auto& [from, to] : {std::pair{a, b}, {b, a}, {c, d}, {d, c}})
    mesh.redirect(from->name, "shared:1", to);
  pass(10s);
  CAF_CHECK_EQUAL(known_to(a), strings{"b"});
  CAF_CHECK_EQUAL(known_to(c), strings{"d"});
  mesh.redirect("a", "shared:1", c);
  pass(61s);
  CAF_CHECK_EQUAL(known_to(a), (strings{"b", "c", "d"}));
  CAF_CHECK_EQUAL(known_to(d), (strings{"a", "b", "c"}));
}

CAF_TEST(a node is met by two addresses and is one) {
  auto a = start("a");
  mesh.add_address("localhost:1", a);
  auto b = start("b", {"a:1", "localhost:1"});
  auto heard = listen_to(b);
  pass(10s);
  CAF_CHECK_EQUAL(*heard, strings{"up a"});
  CAF_CHECK_EQUAL(sought_by(b), strings{});
  CAF_CHECK(mesh.bridges_have_met(*a, *b));
}

CAF_TEST(a seed may come later) {
  auto b = start("b", {"a:1"});
  pass(10min);
  CAF_CHECK_EQUAL(sought_by(b), strings{"a:1"});
  auto dials = mesh.dials("b").size();
  CAF_CHECK_GREATER(dials, 120u); // at least every five seconds,
  CAF_CHECK_LESS(dials, 260u);    // at most every 2.5 seconds
  auto a = start("a");
  pass(5s);
  CAF_CHECK_EQUAL(known_to(a), strings{"b"});
  CAF_CHECK_EQUAL(known_to(b), strings{"a"});
}

// -- refusals -----------------------------------------------------------------

CAF_TEST(a node of another cluster is refused and told why) {
  auto lines = std::make_shared<strings>();
  set_log_sink([lines](log_level level, std::string_view line) {
    if (level == log_level::warning)
      lines->emplace_back(line);
  });
  auto a = start("a");
  auto b = start("b", {"a:1"}, [](cluster_config& x) { x.name = "other"; });
  pass(1min);
  CAF_CHECK_EQUAL(known_to(a), strings{});
  CAF_CHECK_EQUAL(known_to(b), strings{});
  std::string why = "it belongs to cluster \"other\", and we to \"troupe\"";
  CAF_CHECK(flush_log(30s));
  CAF_CHECK_EQUAL(*lines,
                  (strings{"refused node at b:1: " + why,
                           "cannot connect to the node at a:1: it refuses us: "
                             + why + "; retrying"}));
  set_log_sink({});
}

CAF_TEST(a node that speaks another protocol is refused and told why) {
  auto a = start("a");
  auto b = start("b");
  auto why = std::make_shared<strings>();
  auto stranger = sys.spawn([why]() -> caf::behavior {
    return {[why](const refused& x) { why->push_back(x.why); }};
  });
  listeners.push_back(stranger);
  hello msg;
  msg.cluster = "troupe";
  msg.protocol = "troupe/0 caf/1600";
  msg.node = "x";
  caf::send_as(stranger, a->actor, msg);
  settle();
  CAF_REQUIRE_EQUAL(why->size(), 1u);
  CAF_CHECK(why->front().starts_with("it speaks troupe/0 caf/1600, and we "));
  CAF_CHECK_EQUAL(known_to(a), strings{});
}

CAF_TEST(a node that has our name is refused) {
  auto a = start("a");
  auto twin = start("a", {"a:1"}, {}, "twin:1");
  pass(10s);
  CAF_CHECK_EQUAL(known_to(a), strings{});
  CAF_CHECK_EQUAL(known_to(twin), strings{});
}

CAF_TEST(a refused node is welcome once it has changed) {
  auto a = start("a");
  auto b = start("b", {"a:1"}, [](cluster_config& x) { x.name = "other"; });
  pass(1min);
  mesh.kill(*b);
  start("b", {"a:1"});
  pass(10s);
  CAF_CHECK_EQUAL(known_to(a), strings{"b"});
}

// -- joining and leaving ------------------------------------------------------

CAF_TEST(a node that goes is down and back by itself) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  auto heard = listen_to(b);
  mesh.kill(*a);
  settle();
  CAF_CHECK_EQUAL(sought_by(b), strings{"a:1"});
  pass(1min);
  start("a2", {}, {}, "a:1");
  pass(5s);
  CAF_CHECK_EQUAL(*heard,
                  (strings{"up a", "down a: connection lost", "up a2"}));
}

CAF_TEST(a node that restarts before it is missed is another one) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  auto heard = listen_to(a);
  CAF_CHECK_EQUAL(name_actor(b, "x", spawn_idle()), caf::none);
  auto lines = note_lines("are both at b:1");
  mesh.silence("a", "b");
  auto b2 = start("b2", {"a:1"}, {}, "b:1");
  pass(100ms);
  CAF_CHECK(flush_log(30s));
  CAF_CHECK_EQUAL(lines->size(), 1u); // maybe a wrong cluster.advertise
  CAF_CHECK_EQUAL(*heard, (strings{"up b", "actor x", "no actor x",
                                   "down b: replaced by node b2", "up b2"}));
  CAF_CHECK(mesh.bridges_have_met(*a, *b2));
}

CAF_TEST(a silent node is down after the time-out and back by itself) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  auto at_a = listen_to(a);
  auto at_b = listen_to(b);
  pass(1min);
  mesh.silence("a", "b");
  mesh.block("a", "b:1");
  mesh.block("b", "a:1");
  pass(7900ms); // A heartbeat may have arrived just before.
  CAF_CHECK_EQUAL(*at_a, strings{"up b"});
  pass(2100ms);
  CAF_CHECK_EQUAL(*at_a, (strings{"up b", "down b: silent for 10s"}));
  CAF_CHECK_EQUAL(*at_b, (strings{"up a", "down a: silent for 10s"}));
  pass(10min);
  mesh.heal();
  pass(5s);
  CAF_CHECK_EQUAL(at_a->back(), "up b");
  CAF_CHECK_EQUAL(at_b->back(), "up a");
  CAF_CHECK(mesh.bridges_have_met(*a, *b));
}

CAF_TEST(a node that was taken for dead shows by a heartbeat that it lives) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  auto at_a = listen_to(a);
  auto at_b = listen_to(b);
  mesh.block("a", "b:1");
  mesh.silence("b", "a", test::mesh::one_way);
  pass(11s);
  CAF_CHECK_EQUAL(*at_a, (strings{"up b", "down b: silent for 10s"}));
  CAF_CHECK_EQUAL(*at_b, strings{"up a"}); // b has not missed a yet
  mesh.heal_silence();
  pass(2s);
  CAF_CHECK_EQUAL(at_a->back(), "up b");
  CAF_CHECK_EQUAL(*at_b, strings{"up a"});
  CAF_CHECK(mesh.bridges_have_met(*a, *b));
}

CAF_TEST(a loss that one side notices makes fresh bridges on both) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  auto at_a = listen_to(a);
  auto at_b = listen_to(b);
  auto old_a = mesh.last_bridge(*a, *b);
  auto old_b = mesh.last_bridge(*b, *a);
  mesh.lose_for("a", "b");
  pass(10s);
  CAF_CHECK_EQUAL(*at_a, (strings{"up b", "down b: connection lost", "up b"}));
  CAF_CHECK_EQUAL(*at_b, strings{"up a"});
  CAF_CHECK(mesh.bridges_have_met(*a, *b));
  CAF_CHECK(mesh.last_bridge(*a, *b) != old_a);
  CAF_CHECK(mesh.last_bridge(*b, *a) != old_b);
  CAF_CHECK(test::is_over(old_a));
  CAF_CHECK(test::is_over(old_b));
}

CAF_TEST(a hello that comes twice changes nothing) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  auto at_a = listen_to(a);
  pass(1s);
  auto old_a = mesh.last_bridge(*a, *b);
  auto count = mesh.hellos();
  mesh.repeat_last_hello(*b, *a);
  settle();
  CAF_CHECK_EQUAL(mesh.hellos(), count + 1); // no answer
  CAF_CHECK(mesh.last_bridge(*a, *b) == old_a);
  CAF_CHECK(!test::is_over(old_a));
  CAF_CHECK_EQUAL(*at_a, strings{"up b"});
}

CAF_TEST(who leaves says goodbye and ends when all know) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  auto c = start("c", {"a:1"});
  pass(100ms);
  auto at_a = listen_to(a);
  auto bridge = mesh.last_bridge(*a, *b);
  caf::anon_send(b->actor, leave_cluster{});
  settle();
  CAF_CHECK(test::is_over(b->actor));
  CAF_CHECK(test::is_over(bridge));
  CAF_CHECK_EQUAL(at_a->back(), "down b: left");
  CAF_CHECK_EQUAL(known_to(c), strings{"a"});
  CAF_CHECK_EQUAL(sought_by(a), strings{}); // It connects by itself.
}

CAF_TEST(who leaves waits a second at most) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  mesh.silence("a", "b");
  caf::anon_send(b->actor, leave_cluster{});
  pass(990ms);
  CAF_CHECK(!test::is_over(b->actor));
  pass(10ms);
  CAF_CHECK(test::is_over(b->actor));
}

CAF_TEST(who leaves and knows nobody ends at once) {
  auto a = start("a");
  caf::anon_send(a->actor, leave_cluster{});
  settle();
  CAF_CHECK(test::is_over(a->actor));
}

CAF_TEST(what happens to nodes in turn ends in a mesh) {
  strings seeds{"a:1", "b:1"};
  auto a = start("a", seeds);
  auto b = start("b", seeds);
  auto c = start("c", seeds);
  pass(1s);
  for (int round = 0; round < 3; ++round) {
    auto n = std::to_string(round);
    for (auto* x : {&a, &b, &c}) {
      auto address = (*x)->address;
      mesh.kill(**x);
      pass(round * 3s);
      *x = start((*x)->name.substr(0, 1) + n, seeds, {}, address);
      pass(6s);
    }
  }
  CAF_CHECK_EQUAL(known_to(a), (strings{"b2", "c2"}));
  CAF_CHECK_EQUAL(known_to(b), (strings{"a2", "c2"}));
  CAF_CHECK_EQUAL(known_to(c), (strings{"a2", "b2"}));
  CAF_CHECK(mesh.bridges_have_met(*a, *c));
}

CAF_TEST_FIXTURE_SCOPE_END()
