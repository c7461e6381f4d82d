#define CAF_SUITE actors.membership

#include "actors/membership.hpp"

#include "support/fixture.hpp"
#include "support/mesh.hpp"
#include "troupe/log.hpp"

using namespace std::chrono_literals;
using namespace troupe;
using namespace troupe::actors;
using test::strings;

namespace {

struct fixture : test::fixture {
  using node_ptr = std::shared_ptr<test::mesh_node>;

  ~fixture() {
    for (auto& x : all)
      test::break_down(x->actor);
    for (auto& x : listeners)
      caf::anon_send_exit(x, caf::exit_reason::kill);
    settle();
  }

  /// A node that is found at `<name>:1`, or `address`.
  node_ptr make(const std::string& name, strings join = {},
                std::function<void(cluster_config&)> adjust = {},
                std::string address = {}) {
    cluster_config settings;
    settings.listen = address.empty() ? name + ":1" : std::move(address);
    settings.join = std::move(join);
    if (adjust)
      adjust(settings);
    auto res = mesh.make(name, settings, {{"/", server.registry()}});
    all.push_back(res);
    return res;
  }

  /// The same, and it has met its seeds.
  node_ptr start(const std::string& name, strings join = {},
                 std::function<void(cluster_config&)> adjust = {},
                 std::string address = {}) {
    auto res = make(name, std::move(join), std::move(adjust),
                    std::move(address));
    mesh.begin(*res);
    pass(10ms);
    return res;
  }

  /// Lets everything that is to happen now happen.
  void settle() {
    while (sched.try_run_once())
      ; // again
  }

  void pass(caf::timespan how_long) {
    constexpr caf::timespan step = 10ms;
    settle();
    for (; how_long > caf::timespan{0}; how_long -= step) {
      advance_time(step);
      settle();
    }
  }

  /// Writes down what `x` tells its subscribers.
  std::shared_ptr<strings> listen_to(const node_ptr& x) {
    auto res = std::make_shared<strings>();
    auto who = sys.spawn([res]() -> caf::behavior {
      return {
        [res](const node_up& y) { res->push_back("up " + y.name); },
        [res](const node_down& y) {
          res->push_back("down " + y.name + ": " + y.reason);
        },
        [res](const actor_up& y) { res->push_back("actor " + y.name); },
        [res](const actor_down& y) { res->push_back("no actor " + y.name); },
      };
    });
    listeners.push_back(who);
    caf::anon_send(x->actor, subscribe_nodes{who});
    settle();
    return res;
  }

  template <class T, class Request>
  T ask_node(const node_ptr& whom, Request what) {
    T res{};
    failure = caf::error{};
    auto handle = self->request(whom->actor, caf::infinite, std::move(what));
    settle();
    handle.receive([&](T& x) { res = std::move(x); },
                   [&](caf::error& err) { failure = std::move(err); });
    return res;
  }

  caf::error name_actor(const node_ptr& where, const std::string& name,
                        const caf::actor& who) {
    caf::error res;
    auto handle = self->request(where->actor, caf::infinite,
                                register_actor{name, who});
    settle();
    handle.receive([] {}, [&](caf::error& err) { res = std::move(err); });
    return res;
  }

  /// The names of the nodes that `x` takes for up.
  strings known_to(const node_ptr& x) {
    strings res;
    for (const auto& y : ask_node<std::vector<node_info>>(x, nodes{}))
      if (y.state == link_state::up)
        res.push_back(y.name);
    return res;
  }

  /// The addresses that `x` looks for.
  strings sought_by(const node_ptr& x) {
    strings res;
    for (const auto& y : ask_node<std::vector<node_info>>(x, nodes{}))
      if (y.state == link_state::connecting)
        res.push_back(y.address);
    return res;
  }

  caf::actor spawn_idle() {
    listeners.push_back(
      sys.spawn([]() -> caf::behavior { return {[](caf::unit_t) {}}; }));
    return listeners.back();
  }

  void kill(const caf::actor& x) {
    caf::anon_send_exit(x, caf::exit_reason::kill);
    settle();
  }

  test::mesh mesh{sys};
  std::vector<node_ptr> all;
  std::vector<caf::actor> listeners;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(membership_tests, fixture)

// -- finding each other -------------------------------------------------------

CAF_TEST(three nodes with one seed make a mesh) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  auto c = start("c", {"a:1"});
  pass(100ms);
  CAF_CHECK_EQUAL(known_to(a), (strings{"b", "c"}));
  CAF_CHECK_EQUAL(known_to(b), (strings{"a", "c"}));
  CAF_CHECK_EQUAL(known_to(c), (strings{"a", "b"}));
  for (const auto& [x, y] : {std::pair{a, b}, {a, c}, {b, c}})
    CAF_CHECK(mesh.links_have_met(*x, *y));
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
  CAF_CHECK(mesh.links_have_met(*a, *b));
}

CAF_TEST(a node that dials itself does so once) {
  auto a = start("a", {"a:1", "localhost:1", "b:1"});
  mesh.add_address("localhost:1", a);
  pass(10s);
  auto dials = mesh.dials("a");
  CAF_CHECK_EQUAL(std::count(dials.begin(), dials.end(), "a:1"), 0);
  CAF_CHECK_EQUAL(known_to(a), strings{});
  CAF_CHECK_EQUAL(sought_by(a), strings{"b:1"});
  CAF_CHECK_LESS(std::count(dials.begin(), dials.end(), "localhost:1"), 8);
  auto before = mesh.dials("a").size();
  start("b");
  pass(10s);
  // One dial led to b, none to itself.
  auto after = mesh.dials("a");
  CAF_CHECK_EQUAL(std::count(after.begin() + static_cast<long>(before),
                             after.end(), "localhost:1"),
                  0);
}

CAF_TEST(a node is met by two addresses and is one) {
  auto a = start("a");
  mesh.add_address("localhost:1", a);
  auto b = start("b", {"a:1", "localhost:1"});
  auto heard = listen_to(b);
  pass(10s);
  CAF_CHECK_EQUAL(*heard, strings{"up a"});
  CAF_CHECK_EQUAL(sought_by(b), strings{});
  CAF_CHECK(mesh.links_have_met(*a, *b));
}

CAF_TEST(a seed may come later) {
  auto b = start("b", {"a:1"});
  pass(10min);
  CAF_CHECK_EQUAL(sought_by(b), strings{"a:1"});
  auto dials = mesh.dials("b").size();
  CAF_CHECK_GREATER(dials, 120u); // At least every five seconds,
  CAF_CHECK_LESS(dials, 260u);    // not more often than every 2.5.
  auto a = start("a");
  pass(5s);
  CAF_CHECK_EQUAL(known_to(a), strings{"b"});
  CAF_CHECK_EQUAL(known_to(b), strings{"a"});
}

// -- who is refused -----------------------------------------------------------

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
                           "cannot meet the node at a:1: it refuses us: " + why
                             + "; trying on"}));
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

// -- coming and going ---------------------------------------------------------

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
  mesh.silence("a", "b");
  auto b2 = start("b2", {"a:1"}, {}, "b:1");
  pass(100ms);
  CAF_CHECK_EQUAL(*heard, (strings{"up b", "actor x", "no actor x",
                                   "down b: restarted", "up b2"}));
  CAF_CHECK(mesh.links_have_met(*a, *b2));
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
  pass(7900ms); // A beat may have come just before.
  CAF_CHECK_EQUAL(*at_a, strings{"up b"});
  pass(2100ms);
  CAF_CHECK_EQUAL(*at_a, (strings{"up b", "down b: silent for 10s"}));
  CAF_CHECK_EQUAL(*at_b, (strings{"up a", "down a: silent for 10s"}));
  pass(10min);
  mesh.heal();
  pass(5s);
  CAF_CHECK_EQUAL(at_a->back(), "up b");
  CAF_CHECK_EQUAL(at_b->back(), "up a");
  CAF_CHECK(mesh.links_have_met(*a, *b));
}

CAF_TEST(a node that was taken for dead shows by a beat that it lives) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  auto at_a = listen_to(a);
  auto at_b = listen_to(b);
  mesh.block("a", "b:1");
  mesh.silence("b", "a", test::mesh::one_way);
  pass(11s);
  CAF_CHECK_EQUAL(*at_a, (strings{"up b", "down b: silent for 10s"}));
  CAF_CHECK_EQUAL(*at_b, strings{"up a"}); // a did not beat any more, but
  mesh.heal_silence();                     // before b noticed that...
  pass(2s);
  CAF_CHECK_EQUAL(at_a->back(), "up b");
  CAF_CHECK_EQUAL(*at_b, strings{"up a"});
  CAF_CHECK(mesh.links_have_met(*a, *b));
}

CAF_TEST(a loss that one side notices makes fresh links on both) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  auto at_a = listen_to(a);
  auto at_b = listen_to(b);
  auto old_a = mesh.last_link(*a, *b);
  auto old_b = mesh.last_link(*b, *a);
  mesh.lose_for("a", "b");
  pass(10s);
  CAF_CHECK_EQUAL(*at_a, (strings{"up b", "down b: connection lost", "up b"}));
  CAF_CHECK_EQUAL(*at_b, strings{"up a"});
  CAF_CHECK(mesh.links_have_met(*a, *b));
  CAF_CHECK(mesh.last_link(*a, *b) != old_a);
  CAF_CHECK(mesh.last_link(*b, *a) != old_b);
  CAF_CHECK(test::is_over(old_a));
  CAF_CHECK(test::is_over(old_b));
}

CAF_TEST(a hello that comes twice changes nothing) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  auto at_a = listen_to(a);
  pass(1s);
  auto old_a = mesh.last_link(*a, *b);
  auto count = mesh.hellos();
  mesh.repeat_last_hello(*b, *a);
  settle();
  CAF_CHECK_EQUAL(mesh.hellos(), count + 1); // no answer
  CAF_CHECK(mesh.last_link(*a, *b) == old_a);
  CAF_CHECK(!test::is_over(old_a));
  CAF_CHECK_EQUAL(*at_a, strings{"up b"});
}

CAF_TEST(who leaves says goodbye and ends when all know) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  auto c = start("c", {"a:1"});
  pass(100ms);
  auto at_a = listen_to(a);
  auto link = mesh.last_link(*a, *b);
  caf::anon_send(b->actor, leave_cluster{});
  settle();
  CAF_CHECK(test::is_over(b->actor));
  CAF_CHECK(test::is_over(link));
  CAF_CHECK_EQUAL(at_a->back(), "down b: left");
  CAF_CHECK_EQUAL(known_to(c), strings{"a"});
  CAF_CHECK_EQUAL(sought_by(a), strings{}); // It will come by itself.
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
  CAF_CHECK(mesh.links_have_met(*a, *c));
}

// -- names --------------------------------------------------------------------

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

// -- what is known of nodes ---------------------------------------------------

CAF_TEST(what was sent to an address is counted on when a node comes back) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  auto to_b = [&] {
    auto xs = ask_node<std::vector<node_info>>(a, nodes{});
    CAF_REQUIRE_EQUAL(xs.size(), 1u);
    return xs[0];
  };
  self->send(server.registry(), publish{"", frame::text("hi")});
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

CAF_TEST(a link that breaks down is replaced) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  pass(100ms);
  for (const auto& [x, y] : {std::pair{a, b}, {b, a}}) {
    auto before = mesh.last_link(*x, *y);
    CAF_REQUIRE(mesh.links_have_met(*a, *b));
    test::break_down(before);
    pass(100ms);
    CAF_CHECK(mesh.last_link(*x, *y) != before);
    CAF_CHECK(mesh.links_have_met(*a, *b));
  }
  CAF_CHECK_EQUAL(known_to(a), strings{"b"});
}

CAF_TEST(links that end with their server are not replaced) {
  auto a = start("a");
  auto b = start("b", {"a:1"});
  pass(100ms);
  auto hellos = mesh.hellos();
  caf::anon_send(server.registry(), actors::stop{1s});
  pass(3s);
  CAF_CHECK_EQUAL(mesh.hellos(), hellos);
}

CAF_TEST_FIXTURE_SCOPE_END()
