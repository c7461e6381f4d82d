#define CAF_SUITE actors.names

/// The receivers of names in a cluster: docs/cluster.md, "Who gets it".

#include "actors/cluster/bridge_actor.hpp"

#include "support/bridge_fixture.hpp"
#include "support/cluster_fixture.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace troupe;
using test::strings;

namespace {

template <id_conflict Policy>
struct fixture : test::cluster_fixture {
  fixture() : cluster_fixture({.on_id_conflict = Policy}) {
  }

  /// Breaks the network between nodes 0 and 1.
  void part() {
    auto pair = cluster.bridges().front();
    for (const auto& x : {pair.here, pair.there})
      caf::anon_send(x, actors::dismiss{});
  }

  uint64_t sent_by_all() {
    uint64_t result = 0;
    for (size_t i = 0; i < cluster.size(); ++i)
      result += cluster.counters(i).sent;
    return result;
  }

  /// Returns the events of connections that a subscriber has received.
  strings events() {
    strings log;
    while (!self->mailbox().empty())
      self->receive(
        [&](const msg::connection_up& x) { log.push_back('+' + x.id); },
        [&](const msg::connection_down& x) { log.push_back('-' + x.id); },
        [&](const msg::id_lost& x) { log.push_back(x.id + " to " + x.node); },
        [](const msg::room_up&) {}, [](const msg::room_down&) {});
    return log;
  }

  void listen(size_t node, bool everywhere = true) {
    self->send(cluster[node].registry(), msg::subscribe{self, everywhere});
    run();
  }
};

using rejecting = fixture<id_conflict::reject_new>;
using replacing = fixture<id_conflict::replace_old>;

/// A server whose other node is the test.
struct peer_fixture : test::bridge_fixture {
  caf::actor spawn_listener() {
    auto res = sys.spawn([] { return caf::behavior{[](caf::unit_t) {}}; });
    self->send(server.registry(), msg::subscribe{res, true});
    settle();
    return res;
  }

  /// Returns the rounds of events that the registry has requested, and for
  /// which there were events.
  strings rounds() {
    strings result;
    while (!self->mailbox().empty())
      self->receive(
        [&](actors::send_events x) {
          result.push_back("send " + std::to_string(x.round));
        },
        [&](const actors::event_report& x) {
          result.push_back("event " + std::to_string(x.round));
        },
        [](const actors::interest_update&) {},
        [](const actors::control_done&) {});
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(names_tests, rejecting)

CAF_TEST(an id wins over a room on every node) {
  auto carol = connect(2, "k");
  auto bob = member(1, "bob", "k");
  auto alice = member(0, "alice", "k");
  auto dave = connect(2, "dave");
  for (auto* x : {&alice, &bob, &dave})
    say(*x, R"(m:to;4;["k","private"])");
  CAF_CHECK_EQUAL(carol.heard(), strings(3, "private"));
  CAF_CHECK_EQUAL(alice.heard(), strings{});
  CAF_CHECK_EQUAL(bob.heard(), strings{});
  failure = {};
  ask<caf::actor>(cluster[0].registry(), msg::lookup{"k"});
  CAF_CHECK(failure == errc::no_such_name); // not the room
  // The room still exists,
  say(dave, R"(m:room;4;["k","public"])");
  CAF_CHECK_EQUAL(alice.heard(), strings{"public"});
  CAF_CHECK_EQUAL(bob.heard(), strings{"public"});
  CAF_CHECK_EQUAL(carol.heard(), strings{});
  // and its bare name addresses it again without the connection.
  carol.hang_up();
  run();
  say(dave, R"(m:to;4;["k","public"])");
  CAF_CHECK_EQUAL(alice.heard(), strings{"public"});
  CAF_CHECK_EQUAL(bob.heard(), strings{"public"});
}

CAF_TEST(who hears a newcomer knows its id) {
  auto registry = cluster[0].registry();
  auto host = sys.spawn([=](caf::event_based_actor* me) {
    me->send(registry, msg::join{"lobby", nullptr});
    return caf::behavior{[](const msg::joined&) {},
                         [=](const msg::deliver& x) {
                           x.messages.for_each(me->id(), [&](const frame& id) {
                             me->send(registry,
                                      msg::publish{recipient::connection(
                                                     std::string{id.payload()}),
                                                   frame::text("hello")});
                           });
                         }};
  });
  run();
  cluster[2].core->add(
    [](connection& c) { c.to_room("lobby").emit_message(c.id()); });
  for (auto id : {"k", "l", "m"})
    CAF_CHECK_EQUAL(connect(2, id).heard(), strings{"hello"});
  caf::anon_send_exit(host, caf::exit_reason::kill);
}

CAF_TEST(C42 the connections in what is called as an id are that one alone) {
  connect(2, "k");
  member(0, "alice", "k");
  auto found = ask<partial<std::vector<connection_info>>>(
    cluster[0].registry(),
    msg::survey{caf::make_message(msg::connections_by_room{"k"})});
  CAF_REQUIRE_EQUAL(found.value.size(), 1u);
  CAF_CHECK_EQUAL(found.value.front().id, "k");
}

CAF_TEST(nobody is asked for a name that nobody has) {
  auto alice = connect(0, "alice");
  for (auto i = 0; i < 10; ++i)
    say(alice, R"(m:to;4;["nobody","x"])");
  CAF_CHECK_EQUAL(sent_by_all(), 0u);
  failure = {};
  ask<caf::unit_t>(cluster[0].registry(),
                   msg::forward{"nobody", caf::make_message(msg::emit{})});
  CAF_CHECK(failure == errc::no_such_name);
  CAF_CHECK_EQUAL(cluster.counters(0).questions_refused, 0u);
}

CAF_TEST(only the node of a connection is asked for it) {
  auto alice = connect(0, "alice");
  auto bob = connect(1, "bob");
  say(alice, R"(m:to;4;["bob","x"])");
  CAF_CHECK_EQUAL(bob.heard(), strings{"x"});
  CAF_CHECK_EQUAL(cluster.counters(1).received, 1u);
  CAF_CHECK_EQUAL(cluster.counters(2).received, 0u);
}

CAF_TEST(C31 an id of another node is taken) {
  auto alice = connect(0, "k");
  auto bob = connect(1, "k");
  CAF_CHECK(bob.socket->closed());
  CAF_CHECK(bob.socket->code() == close_code::policy_violation);
  CAF_CHECK(!alice.socket->closed());
  alice.hang_up();
  run();
  auto carol = connect(2, "k");
  CAF_CHECK(!carol.socket->closed());
}

CAF_TEST(C31 of nodes that meet with one id the older connection keeps it) {
  part();
  run();
  auto old = connect(0, "k");
  auto young = connect(1, "k");
  CAF_CHECK(!old.socket->closed());
  // Node 2 has known both from the start and which of them is kept.
  auto carol = connect(2, "carol");
  say(carol, R"(m:to;4;["k","x"])");
  CAF_CHECK_EQUAL(old.heard(), strings{"x"});
  listen(1, false);
  cluster.bridge(0, 1);
  run();
  CAF_CHECK(!old.socket->closed());
  CAF_CHECK(young.socket->code() == close_code::policy_violation);
  CAF_CHECK_EQUAL(events(),
                  (strings{"k to " + test::cluster_stage::name(0), "-k"}));
  CAF_CHECK_EQUAL(cluster[1].core->stats.ids_lost, 1u);
  CAF_CHECK_EQUAL(cluster[0].core->stats.ids_lost, 0u);
  for (size_t node = 0; node < 3; ++node) {
    auto from = connect(node, "from" + std::to_string(node));
    say(from, R"(m:to;4;["k","y"])");
  }
  CAF_CHECK_EQUAL(old.heard(), strings(3, "y"));
}

CAF_TEST(a node that goes takes its ids along) {
  auto alice = connect(0, "alice");
  auto bob = member(1, "k", "lobby");
  auto ben = member(0, "ben", "k");
  part();
  run();
  say(alice, R"(m:to;4;["k","x"])");
  CAF_CHECK_EQUAL(bob.heard(), strings{});
  CAF_CHECK_EQUAL(ben.heard(), strings{"x"});
  auto fresh = connect(0, "k");
  CAF_CHECK(!fresh.socket->closed());
}

CAF_TEST(a subscriber does not take a move for an end) {
  listen(2);
  part();
  run();
  auto old = connect(0, "k");
  connect(1, "k");
  cluster.bridge(0, 1);
  run();
  CAF_CHECK_EQUAL(events(), (strings{"+k", "+k"}));
  old.hang_up();
  run();
  CAF_CHECK_EQUAL(events(), strings{"-k"});
}

CAF_TEST(a node that is back before it is forgotten has not gone) {
  constexpr size_t many = 1'000;
  listen(0);
  std::vector<test::fake_client> clients;
  for (size_t i = 0; i < many; ++i) {
    auto id = "3f1c2a00-0000-4000-8000-" + std::to_string(100'000'000'000 + i)
              + '@' + test::cluster_stage::name(1);
    clients.push_back(cluster[1].connect(id));
  }
  run();
  part();
  cluster.bridge(0, 1);
  run();
  std::set<std::string> known;
  for (const auto& x : events())
    if (x.front() == '+')
      known.insert(x.substr(1));
    else
      known.erase(x.substr(1));
  CAF_CHECK_EQUAL(known.size(), many);
}

CAF_TEST(an id that other nodes would not take is refused) {
  auto alice = connect(0, "\xff");
  CAF_CHECK(alice.socket->code() == close_code::policy_violation);
}

CAF_TEST(events end with the last who listens) {
  auto one = sys.spawn([] { return caf::behavior{[](caf::unit_t) {}}; });
  self->send(cluster[0].registry(), msg::subscribe{one, true});
  listen(0);
  connect(1, "alice");
  CAF_CHECK_EQUAL(events(), strings{"+alice"});
  self->send(cluster[0].registry(), msg::subscribe{one, true});
  caf::anon_send_exit(one, caf::exit_reason::kill);
  run();
  auto bob = connect(1, "bob");
  CAF_CHECK_EQUAL(events(), strings{"+bob"}); // One subscriber is left.
}

CAF_TEST(and begin anew with the next one) {
  connect(1, "alice");
  auto one = sys.spawn([] {
    return caf::behavior{[](const msg::connection_up&) {},
                         [](const msg::connection_down&) {}};
  });
  self->send(cluster[0].registry(), msg::subscribe{one, true});
  run();
  caf::anon_send_exit(one, caf::exit_reason::kill);
  run();
  auto bob = connect(1, "bob");
  auto carol = connect(1, "carol");
  bob.hang_up();
  run();
  listen(0);
  auto found = events();
  std::sort(found.begin(), found.end());
  CAF_CHECK_EQUAL(found, (strings{"+alice", "+carol"}));
  carol.hang_up();
  run();
  CAF_CHECK_EQUAL(events(), strings{"-carol"});
}

CAF_TEST(others have their turns while a node with many names is forgotten) {
  constexpr size_t many = 2'000;
  auto bob = connect(1, "bob");
  cluster[1].core->settings.max_rooms_per_connection = many;
  for (size_t i = 0; i < many; ++i)
    bob.say("m:join;0;room" + std::to_string(i));
  run();
  auto count = [&] {
    size_t result = 0;
    auto handle = self->request(cluster[0].registry(), caf::infinite,
                                msg::rooms{});
    while (self->mailbox().empty())
      CAF_REQUIRE(sched.try_run_once());
    handle.receive([&](const std::vector<room_info>& x) { result = x.size(); },
                   [](const caf::error&) {});
    return result;
  };
  CAF_REQUIRE_EQUAL(count(), many);
  part();
  // Each response comes between two slices of the work.
  size_t answers = 0;
  for (auto left = many; left > 0; left = count())
    ++answers;
  CAF_CHECK_GREATER(answers, many / 200);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST_FIXTURE_SCOPE(peer_tests, peer_fixture)

CAF_TEST(no events are asked for when nobody listens any more) {
  auto bridge = make_bridge();
  auto one = spawn_listener();
  auto two = spawn_listener();
  CAF_CHECK_EQUAL(rounds(), strings{"send 1"});
  caf::anon_send_exit(one, caf::exit_reason::kill);
  settle();
  CAF_CHECK_EQUAL(rounds(), strings{});
  caf::anon_send_exit(two, caf::exit_reason::kill);
  settle();
  CAF_CHECK_EQUAL(rounds(), strings{"send 0"});
  caf::anon_send_exit(spawn_listener(), caf::exit_reason::kill);
  settle();
  CAF_CHECK_EQUAL(rounds(), (strings{"send 2", "send 0"}));
  end(bridge);
}

CAF_TEST(who was in a room meanwhile ends to listen with its death as well) {
  auto bridge = make_bridge();
  auto one = spawn_listener();
  CAF_CHECK_EQUAL(rounds(), strings{"send 1"});
  self->send(server.registry(), msg::join{"lobby", one});
  self->send(server.registry(), msg::leave{"lobby", one});
  settle();
  caf::anon_send_exit(one, caf::exit_reason::kill);
  settle();
  CAF_CHECK_EQUAL(rounds(), strings{"send 0"});
  end(bridge);
}

CAF_TEST(no events are sent when nobody wants them any more) {
  auto bridge = make_bridge();
  connect("alice");
  CAF_CHECK_EQUAL(rounds(), strings{});
  tell(bridge, actors::send_events{1});
  connect("bob");
  CAF_CHECK_EQUAL(rounds(), strings(2, "event 1"));
  tell(bridge, actors::send_events{0});
  connect("carol");
  CAF_CHECK_EQUAL(rounds(), strings{});
  tell(bridge, actors::send_events{2});
  CAF_CHECK_EQUAL(rounds(), strings(3, "event 2"));
  end(bridge);
}

CAF_TEST(what is left of earlier events is not taken for new ones) {
  auto bridge = make_bridge();
  caf::anon_send_exit(spawn_listener(), caf::exit_reason::kill);
  settle();
  self->send(server.registry(), msg::subscribe{self, true});
  settle();
  rounds();
  tell(bridge, actors::event_report{
                 caf::make_message(msg::connection_up{"x", nullptr}), 1});
  auto late = caf::make_message(msg::connection_up{"late", nullptr});
  caf::send_as(bridge, server.registry(), actors::remote_event{late, 1});
  settle();
  tell(bridge, actors::event_report{
                 caf::make_message(msg::connection_up{"y", nullptr}), 2});
  strings heard;
  while (!self->mailbox().empty())
    self->receive([&](const msg::connection_up& x) { heard.push_back(x.id); },
                  [](const actors::control_done&) {});
  CAF_CHECK_EQUAL(heard, strings{"y"});
  end(bridge);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST_FIXTURE_SCOPE(replacing_tests, replacing)

CAF_TEST(C31 a newer connection on another node replaces the old one) {
  listen(0, false);
  auto old = connect(0, "k");
  auto young = connect(1, "k");
  CAF_CHECK(old.socket->code() == close_code::policy_violation);
  CAF_CHECK(!young.socket->closed());
  CAF_CHECK_EQUAL(
    events(), (strings{"+k", "k to " + test::cluster_stage::name(1), "-k"}));
  auto alice = connect(2, "alice");
  say(alice, R"(m:to;4;["k","x"])");
  CAF_CHECK_EQUAL(young.heard(), strings{"x"});
}

CAF_TEST(C31 of nodes that meet with one id the newer connection keeps it) {
  part();
  run();
  auto old = connect(0, "k");
  auto young = connect(1, "k");
  cluster.bridge(0, 1);
  run();
  CAF_CHECK(old.socket->code() == close_code::policy_violation);
  CAF_CHECK(!young.socket->closed());
}

CAF_TEST_FIXTURE_SCOPE_END()
