#define CAF_SUITE actors.membership

#include "actors/cluster/membership_actor.hpp"

#include "support/membership_fixture.hpp"

using namespace std::chrono_literals;
using namespace troupe;
using namespace troupe::actors;
using test::strings;

CAF_TEST_FIXTURE_SCOPE(membership_names_tests, test::membership_fixture)

CAF_TEST(an actor is found by its name from every node) {
  auto a = start("a");
  auto early = spawn_idle();
  CAF_CHECK_EQUAL(name_actor(a, "early", early), caf::none);
  auto b = start("b", {"a:1"});
  auto late = spawn_idle();
  CAF_CHECK_EQUAL(name_actor(b, "late", late), caf::none);
  CAF_CHECK(ask_node<caf::actor>(b, find_actor{"early"}) == early);
  CAF_CHECK(ask_node<caf::actor>(a, find_actor{"late"}) == late);
  ask_node<caf::actor>(a, find_actor{"never"});
  CAF_CHECK(failure == errc::no_such_name);
}

CAF_TEST(a name is taken while its actor lives) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  auto one = spawn_idle();
  auto two = spawn_idle();
  CAF_CHECK_EQUAL(name_actor(a, "x", one), caf::none);
  CAF_CHECK_EQUAL(name_actor(a, "x", one), caf::none);
  CAF_CHECK(name_actor(a, "x", two) == errc::name_taken);
  auto heard = listen_to(b);
  kill(one);
  ask_node<caf::actor>(b, find_actor{"x"});
  CAF_CHECK(failure == errc::no_such_name);
  CAF_CHECK_EQUAL(name_actor(a, "x", two), caf::none);
  CAF_CHECK(ask_node<caf::actor>(b, find_actor{"x"}) == two);
  CAF_CHECK_EQUAL(*heard,
                  (strings{"up a", "actor x", "no actor x", "actor x"}));
}

CAF_TEST(names follow a node that restarts) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  CAF_CHECK_EQUAL(name_actor(b, "bot", spawn_idle()), caf::none);
  auto heard = listen_to(a);
  mesh.kill(*b);
  settle();
  ask_node<caf::actor>(a, find_actor{"bot"});
  CAF_CHECK(failure == errc::no_such_name);
  auto b2 = start("b2", {"a:1"}, {}, "b:1");
  auto bot = spawn_idle();
  CAF_CHECK_EQUAL(name_actor(b2, "bot", bot), caf::none);
  pass(5s);
  CAF_CHECK(ask_node<caf::actor>(a, find_actor{"bot"}) == bot);
  CAF_CHECK_EQUAL(*heard,
                  (strings{"up b", "actor bot", "no actor bot",
                           "down b: connection lost", "up b2", "actor bot"}));
}

CAF_TEST(the own actor is found first and else that of the lowest node) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  auto c = start("c", {"a:1"});
  pass(100ms);
  auto at_b = spawn_idle();
  auto at_c = spawn_idle();
  CAF_CHECK_EQUAL(name_actor(b, "x", at_b), caf::none);
  CAF_CHECK_EQUAL(name_actor(c, "x", at_c), caf::none);
  CAF_CHECK(ask_node<caf::actor>(a, find_actor{"x"}) == at_b);
  CAF_CHECK(ask_node<caf::actor>(c, find_actor{"x"}) == at_c);
  mesh.kill(*b);
  settle();
  CAF_CHECK(ask_node<caf::actor>(a, find_actor{"x"}) == at_c);
}

CAF_TEST(of two actors of one name the one that went is told) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  auto c = start("c", {"a:1"});
  pass(100ms);
  auto gone = std::make_shared<std::vector<caf::actor>>();
  auto who = sys.spawn([gone]() -> caf::behavior {
    return {
      [](const node_up&) {},
      [](const node_down&) {},
      [](const actor_up&) {},
      [gone](const actor_down& x) { gone->push_back(x.handle); },
    };
  });
  listeners.push_back(who);
  caf::anon_send(a->actor, subscribe_nodes{who});
  auto at_a = spawn_idle();
  auto at_b = spawn_idle();
  auto at_c = spawn_idle();
  for (const auto& [where, x] : {std::pair{a, at_a}, {b, at_b}, {c, at_c}})
    CAF_CHECK_EQUAL(name_actor(where, "x", x), caf::none);
  kill(at_b);
  mesh.kill(*c);
  settle();
  kill(at_a);
  CAF_CHECK(*gone == (std::vector{at_b, at_c, at_a}));
}

CAF_TEST(who merely sends is told of no error) {
  auto a = start("a");
  CAF_CHECK_EQUAL(name_actor(a, "x", spawn_idle()), caf::none);
  auto who = spawn_idle();
  caf::send_as(who, a->actor, register_actor{"x", who});
  caf::send_as(who, a->actor, find_actor{"never"});
  settle();
  CAF_CHECK(!test::is_over(who));
}

CAF_TEST(who subscribes late hears what there is) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  name_actor(a, "at a", spawn_idle());
  name_actor(b, "at b", spawn_idle());
  CAF_CHECK_EQUAL(*listen_to(a), (strings{"up b", "actor at a", "actor at b"}));
}

CAF_TEST(a subscriber that dies is forgotten) {
  auto a = start("a");
  auto heard = listen_to(a);
  kill(listeners.back());
  start("b", {"a:1"});
  CAF_CHECK_EQUAL(*heard, strings{});
}

CAF_TEST_FIXTURE_SCOPE_END()
