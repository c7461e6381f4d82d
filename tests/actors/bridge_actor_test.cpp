#define CAF_SUITE actors.bridge

#include "actors/cluster/bridge_actor.hpp"

#include "support/break_down.hpp"
#include "support/cluster_fixture.hpp"
#include "troupe/server.hpp"

#include <algorithm>

using namespace troupe;
using test::strings;

namespace {

using namespace std::chrono_literals;

struct fixture : test::cluster_fixture {
  strings rooms_on(size_t node) {
    strings res;
    for (const auto& x :
         ask<std::vector<room_info>>(cluster[node].registry(), msg::rooms{}))
      res.push_back(x.name);
    std::sort(res.begin(), res.end());
    return res;
  }

  caf::actor room_on(size_t node, const std::string& name) {
    for (const auto& x :
         ask<std::vector<room_info>>(cluster[node].registry(), msg::rooms{}))
      if (x.name == name)
        return x.handle;
    return nullptr;
  }

  static bool has_mail(const caf::actor& x) {
    auto* self = caf::actor_cast<caf::abstract_actor*>(x);
    return !dynamic_cast<caf::scheduled_actor&>(*self).mailbox().blocked();
  }

  /// Lets a client send `message` and runs until `whom` has mail.
  void say_until_mail(test::fake_client& who, std::string_view message,
                      const caf::actor& whom) {
    who.say(message);
    while (!has_mail(whom))
      CAF_REQUIRE(sched.try_run_once());
  }

  /// Publishes more to a room than may be in flight to another node.
  void say_much(test::fake_client& who, const std::string& room) {
    auto text = std::string(60'000, 'x');
    for (size_t i = 0; i < much; ++i)
      say(who, R"(m:room;4;[")" + room + R"(",")" + text + "\"]");
  }

  static constexpr size_t much = 40;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(link_tests, fixture)

CAF_TEST(a room spans nodes) {
  auto alice = member(0, "alice", "lobby");
  auto bob = member(1, "bob", "lobby");
  auto carol = member(2, "carol", "lobby");
  auto dave = member(2, "dave", "attic");
  say(alice, R"(m:room;4;["lobby","hi"])");
  say(bob, R"(m:room;4;["lobby","ho"])");
  CAF_CHECK_EQUAL(alice.heard(), (strings{"hi", "ho"}));
  CAF_CHECK_EQUAL(bob.heard(), (strings{"hi", "ho"}));
  CAF_CHECK_EQUAL(carol.heard(), (strings{"hi", "ho"}));
  CAF_CHECK_EQUAL(dave.heard(), strings{});
}

CAF_TEST(who is in no room speaks to it from any node) {
  auto alice = connect(0, "alice");
  auto bob = member(1, "bob", "lobby");
  say(alice, R"(m:room;4;["lobby","hi"])");
  say(alice, R"(m:to;4;["lobby","ho"])");
  CAF_CHECK_EQUAL(bob.heard(), (strings{"hi", "ho"}));
  CAF_CHECK_EQUAL(alice.heard(), strings{});
}

CAF_TEST(all and broadcast span nodes) {
  auto alice = connect(0, "alice");
  auto bob = connect(1, "bob");
  auto carol = connect(2, "carol");
  say(alice, "m:all;0;hi");
  say(bob, "m:others;0;ho");
  CAF_CHECK_EQUAL(alice.heard(), (strings{"hi", "ho"}));
  CAF_CHECK_EQUAL(bob.heard(), strings{"hi"});
  CAF_CHECK_EQUAL(carol.heard(), (strings{"hi", "ho"}));
}

CAF_TEST(a message crosses once for each node with members) {
  auto alice = member(0, "alice", "lobby");
  auto bob = member(1, "bob", "lobby");
  auto ben = member(1, "ben", "lobby");
  connect(2, "carol");
  say(alice, R"(m:room;4;["lobby","hi"])");
  CAF_CHECK_EQUAL(cluster.counters(0).sent, 1u);
  CAF_CHECK_EQUAL(cluster.counters(1).received, 1u);
  CAF_CHECK_EQUAL(cluster.counters(1).sent, 0u); // not sent back
  CAF_CHECK_EQUAL(cluster.counters(2).received, 0u);
}

CAF_TEST(an id leads to its connection on any node) {
  auto alice = connect(0, "alice");
  auto bob = connect(1, "bob");
  auto far = connect(2, id_on(2));
  say(alice, R"(m:to;4;["bob","hi"])");
  say(alice, R"(m:to;4;[")" + id_on(2) + R"(","ho"])");
  CAF_CHECK_EQUAL(bob.heard(), strings{"hi"});
  CAF_CHECK_EQUAL(far.heard(), strings{"ho"});
  // Only the node of the receiver got the message.
  CAF_CHECK_EQUAL(cluster.counters(1).received, 1u);
}

CAF_TEST(a room lives as long as it has members anywhere) {
  auto alice = member(0, "alice", "lobby");
  CAF_CHECK_EQUAL(rooms_on(1), strings{"lobby"});
  say(alice, "m:leave;0;lobby");
  CAF_CHECK_EQUAL(rooms_on(0), strings{});
  wait(3s); // Vacant rooms are kept for clients that reload a page.
  CAF_CHECK_EQUAL(rooms_on(1), strings{});
  auto bob = member(1, "bob", "lobby");
  say(alice, "m:join;0;lobby");
  say(bob, R"(m:room;4;["lobby","hi"])");
  CAF_CHECK_EQUAL(alice.heard(), strings{"hi"});
}

CAF_TEST(a node that is gone hears no more and its rooms go) {
  auto alice = member(0, "alice", "lobby");
  auto bob = member(1, "bob", "lobby");
  auto ben = member(1, "ben", "cellar");
  CAF_CHECK_EQUAL(rooms_on(0), (strings{"cellar", "lobby"}));
  auto pair = cluster.bridges()[0];
  lose(pair.here);
  CAF_CHECK_EQUAL(rooms_on(0), strings{"lobby"});
  CAF_CHECK_EQUAL(rooms_on(2), (strings{"cellar", "lobby"}));
  say(alice, R"(m:room;4;["lobby","hi"])");
  CAF_CHECK_EQUAL(alice.heard(), strings{"hi"});
  CAF_CHECK_EQUAL(bob.heard(), strings{});
  // New bridges connect the nodes again.
  lose(pair.there);
  cluster.bridge(0, 1);
  run();
  say(alice, R"(m:room;4;["lobby","ho"])");
  CAF_CHECK_EQUAL(bob.heard(), strings{"ho"});
  CAF_CHECK_EQUAL(rooms_on(0), (strings{"cellar", "lobby"}));
}

CAF_TEST(a room that breaks down goes on for other nodes) {
  auto alice = member(0, "alice", "lobby");
  auto bob = member(1, "bob", "lobby");
  auto room = ask<caf::actor>(cluster[0].registry(), msg::lookup{"lobby"});
  test::break_down(room);
  run();
  say(alice, R"(m:room;4;["lobby","hi"])");
  CAF_CHECK_EQUAL(bob.heard(), strings{"hi"});
}

CAF_TEST(a bot joins on its node and hears the cluster) {
  self->send(cluster[0].registry(), msg::join{"lobby", self});
  run();
  auto bob = member(1, "bob", "lobby");
  say(bob, R"(m:room;4;["lobby","hi"])");
  strings heard;
  while (!self->mailbox().empty())
    self->receive([](const msg::joined&) {},
                  [&](const msg::deliver& x) {
                    x.messages.for_each(self->id(), [&](const frame& y) {
                      heard.push_back(x.room + ": " + std::string{y.payload()});
                    });
                  });
  CAF_CHECK_EQUAL(heard, strings{"lobby: hi"});
}

// -- events -------------------------------------------------------------------

CAF_TEST(a subscriber hears of connections on other nodes if it wants) {
  auto early = connect(1, "early");
  self->send(cluster[0].registry(), msg::subscribe{nullptr, true});
  run();
  auto bob = connect(1, "bob");
  bob.hang_up(close_code::going_away);
  run();
  connect(2, "carol");
  lose(cluster.bridges()[0].here); // node 1 is lost
  strings log;
  while (!self->mailbox().empty())
    self->receive(
      [&](const msg::connection_up& x) { log.push_back("+" + x.id); },
      [&](const msg::connection_down& x) {
        log.push_back("-" + x.id + " "
                      + std::to_string(static_cast<int>(x.code)));
      });
  CAF_CHECK_EQUAL(
    log, (strings{"+early", "+bob", "-bob 1001", "+carol", "-early 1006"}));
}

CAF_TEST(several subscribers hear of each once) {
  auto heard = std::make_shared<strings>();
  auto listen = [&](const std::string& who) {
    auto res = sys.spawn([heard, who]() -> caf::behavior {
      return {
        [=](const msg::connection_up& x) {
          heard->push_back(who + '+' + x.id);
        },
        [=](const msg::connection_down& x) {
          heard->push_back(who + '-' + x.id);
        },
      };
    });
    self->send(cluster[0].registry(), msg::subscribe{res, true});
    run();
    return res;
  };
  auto first = listen("1");
  auto bob = connect(1, "bob");
  auto second = listen("2");
  bob.hang_up();
  run();
  // The order of these is not specified.
  std::sort(heard->begin() + 2, heard->end());
  CAF_CHECK_EQUAL(*heard, (strings{"1+bob", "2+bob", "1-bob", "2-bob"}));
  for (const auto& x : {first, second})
    caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
  run();
}

CAF_TEST(and does not if it does not) {
  self->send(cluster[0].registry(), msg::subscribe{});
  run();
  connect(1, "bob");
  CAF_CHECK(self->mailbox().empty());
}

CAF_TEST(C39 the down of a connection tells its close code) {
  auto code_of = [&](close_code code) {
    auto bob = connect(1, "bob");
    self->monitor(bob.actor);
    bob.hang_up(code);
    run();
    close_info how;
    self->receive(
      [&](const caf::down_msg& x) { how = to_close_info(x.reason); });
    return how.code;
  };
  CAF_CHECK(code_of(close_code::policy_violation)
            == close_code::policy_violation);
  CAF_CHECK(code_of(close_code::going_away) == close_code::going_away);
  CAF_CHECK(code_of(close_code::normal) == close_code::normal);
}

// -- interest -----------------------------------------------------------------

CAF_TEST(a missing change of the interest_update is asked for) {
  auto bridge = cluster.bridges()[0].here;
  auto counterpart = cluster.bridges()[0].there;
  member(1, "bob", "lobby");
  // An update with number 7 where 2 is due, from an unknown sender, is ignored.
  caf::anon_send(bridge, actors::interest_update{7, false, {"ghost"}, {}});
  run();
  CAF_CHECK_EQUAL(rooms_on(0), strings{"lobby"});
  // A snapshot repairs the state.
  caf::anon_send(counterpart, actors::resync{});
  run();
  member(1, "ben", "attic");
  CAF_CHECK_EQUAL(rooms_on(0), (strings{"attic", "lobby"}));
}

// -- failures -----------------------------------------------------------------

CAF_TEST(nodes hear that a room has died) {
  auto alice = connect(0, "alice");
  auto bob = member(1, "bob", "lobby");
  CAF_CHECK_EQUAL(rooms_on(0), strings{"lobby"});
  test::break_down(room_on(1, "lobby"));
  run();
  CAF_CHECK_EQUAL(rooms_on(0), strings{});
  CAF_CHECK_EQUAL(rooms_on(1), strings{});
  say(bob, "m:join;0;lobby");
  say(alice, R"(m:room;4;["lobby","hi"])");
  CAF_CHECK_EQUAL(bob.heard(), strings{"hi"});
}

CAF_TEST(what a dying room had not said is counted and the way stays open) {
  auto alice = member(0, "alice", "lobby");
  auto bob = member(1, "bob", "lobby");
  auto room = room_on(1, "lobby");
  say_until_mail(alice, R"(m:room;4;["lobby","hi"])", room);
  test::break_down(room);
  run();
  CAF_CHECK_EQUAL(bob.heard(), strings{"hi"});
  CAF_CHECK_EQUAL(cluster.counters(1).lost, 0u);
  say(bob, "m:join;0;attic");
  say_much(alice, "attic");
  CAF_CHECK_EQUAL(bob.heard().size(), much);
}

CAF_TEST(what a dying room had gathered does not hold the way) {
  auto alice = member(0, "alice", "lobby");
  auto bob = member(1, "bob", "lobby");
  auto room = room_on(1, "lobby");
  say_until_mail(alice, R"(m:room;4;["lobby","hi"])", room);
  CAF_REQUIRE(sched.prioritize(room));
  sched.run_once(); // The room has the message, and its turn has not ended.
  test::break_down(room);
  run();
  CAF_CHECK_EQUAL(bob.heard(), strings{"hi"});
  say(bob, "m:join;0;attic");
  say_much(alice, "attic");
  CAF_CHECK_EQUAL(bob.heard().size(), much);
}

CAF_TEST(rooms of other nodes count and are never refused) {
  cluster[0].core->settings.max_rooms = 1;
  auto alice = member(0, "alice", "a");
  auto bob = member(1, "bob", "b");
  say(alice, "m:join;0;c");
  say(alice, "m:join;0;b"); // exists on the other node
  CAF_CHECK_EQUAL(rooms_on(0), (strings{"a", "b"}));
  CAF_CHECK_EQUAL(cluster[0].core->stats.rooms_refused, 1u);
  say(alice, R"(m:room;4;["b","x"])");
  CAF_CHECK_EQUAL(bob.heard(), strings{"x"});
}

CAF_TEST(what an earlier bridge still has does not come after a later one) {
  auto alice = member(0, "alice", "lobby");
  auto bob = member(1, "bob", "lobby");
  auto early = cluster.bridges().front().there;
  cluster.bridge(0, 1); // before the first one has ended, as after a freeze
  run();
  auto late = actors::arrival{recipient::room("lobby"), {}, 1};
  late.messages.push_back({frame::text("late"), 0, false, true});
  caf::send_as(early, cluster[1].registry(), late); // as that bridge sends it
  run();
  CAF_CHECK_EQUAL(bob.heard(), strings{});
  say(alice, R"(m:room;4;["lobby","hi"])");
  CAF_CHECK_EQUAL(bob.heard(), strings{"hi"});
}

CAF_TEST_FIXTURE_SCOPE_END()
