#define CAF_SUITE actors.ownership

#include "support/cluster_stage.hpp"
#include "support/fixture.hpp"

using namespace troupe;
using test::strings;

namespace {

/// Connections that note changes of their memberships, which other actors make.
struct fixture : test::fixture {
  test::fake_client watched(std::string id) {
    return connect_with(
      [this, id](connection& c) {
        c.on_leave([this, id](connection&, const std::string& room) {
          note(id + " leaves " + room);
        });
        c.on("rooms", [this](connection& me) {
          for (const auto& x : me.rooms())
            note(x);
        });
      },
      id);
  }

  template <class T>
  void decide(const caf::actor& by, T what) {
    self->send(by, std::move(what));
    run();
  }

  caf::actor room(const std::string& name) {
    return ask<caf::actor>(server.registry(), msg::lookup{name});
  }

  bool is_in(const caf::actor& who, const std::string& name) {
    return ask<bool>(who, msg::is_joined{name});
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(ownership_tests, fixture)

CAF_TEST(who is removed by somebody else knows it) {
  auto alice = watched("alice");
  for (auto by_room : {false, true}) {
    say(alice, "m:join;0;lobby");
    auto by = by_room ? room("lobby") : server.registry();
    decide(by, msg::leave{"lobby", alice.actor});
    CAF_CHECK_EQUAL(notes, strings{"alice leaves lobby"});
    CAF_CHECK(!is_in(alice.actor, "lobby"));
    CAF_CHECK_EQUAL(room_size("lobby"), 0u);
    notes.clear();
  }
  // The connection may join again, and its messages are not delayed.
  say(alice, "m:join;0;lobby");
  say(alice, R"(m:room;4;["lobby","1"])");
  say(alice, "m:self;0;2");
  CAF_CHECK_EQUAL(alice.heard(), (strings{"1", "2"}));
}

CAF_TEST(who is made to join by somebody else is a member in its own eyes) {
  auto alice = watched("alice");
  auto bob = member("bob", "lobby");
  decide(server.registry(), msg::join{"attic", alice.actor});
  decide(room("lobby"), msg::join{"lobby", alice.actor});
  CAF_CHECK(is_in(alice.actor, "attic"));
  CAF_CHECK(is_in(alice.actor, "lobby"));
  say(alice, "m:rooms;0;");
  CAF_CHECK_EQUAL(notes, (strings{"attic", "lobby"}));
  say(bob, R"(m:room;4;["lobby","hi"])");
  CAF_CHECK_EQUAL(alice.heard(), strings{"hi"});
  notes.clear();
  alice.hang_up();
  run();
  CAF_CHECK_EQUAL(notes, (strings{"alice leaves attic", "alice leaves lobby"}));
  CAF_CHECK_EQUAL(room_size("attic"), 0u);
  CAF_CHECK_EQUAL(room_size("lobby"), 1u);
}

CAF_TEST(whoever asks for what is not allowed is told) {
  server.core->settings.max_rooms_per_connection = 1;
  auto alice = member("alice", "a");
  auto refused = [&](const std::string& name) {
    failure = {};
    auto asked = self->request(server.registry(), caf::infinite,
                               msg::join{name, alice.actor});
    run();
    asked.receive([] {}, [&](caf::error& x) { failure = std::move(x); });
    return failure;
  };
  CAF_CHECK(refused("b") == errc::too_many_rooms);
  CAF_CHECK(refused("") == errc::reserved_name);
  CAF_CHECK(!refused("a")); // already a member
  CAF_CHECK_EQUAL(room_size("b"), 0u);
}

CAF_TEST(an answer to a leave says whether it was a member) {
  auto alice = member("alice", "lobby");
  for (auto expected : {true, false}) {
    auto was = ask<bool>(server.registry(), msg::leave{"lobby", alice.actor});
    CAF_CHECK_EQUAL(was, expected);
  }
}

CAF_TEST(a connection that is killed leaves its rooms and one under way) {
  auto alice = member("alice", "lobby");
  alice.say("m:join;0;attic");
  while (sched.prioritize(alice.actor))
    sched.run_once(); // The registry has not read the join.
  caf::anon_send_exit(alice.actor, caf::exit_reason::kill);
  run();
  CAF_CHECK_EQUAL(room_size("lobby"), 0u);
  CAF_CHECK_EQUAL(room_size("attic"), 0u);
}

CAF_TEST(an actor that dies leaves all its rooms) {
  auto bot = sys.spawn([](caf::event_based_actor*) {
    return caf::behavior{[](const msg::deliver&) {}, [](const msg::joined&) {}};
  });
  for (auto name : {"a", "b", "c"})
    decide(server.registry(), msg::join{name, bot});
  CAF_CHECK_EQUAL(room_size("b"), 1u);
  caf::anon_send_exit(bot, caf::exit_reason::user_shutdown);
  run();
  for (auto name : {"a", "b", "c"})
    CAF_CHECK_EQUAL(room_size(name), 0u);
}

CAF_TEST(C27 whoever takes an actor out of a room is told whether it was in it) {
  auto bot = sys.spawn([](caf::event_based_actor*) {
    return caf::behavior{[](const msg::deliver&) {}, [](const msg::joined&) {}};
  });
  decide(server.registry(), msg::join{"a", bot});
  CAF_CHECK(ask<bool>(server.registry(), msg::leave{"a", bot}));
  CAF_CHECK_EQUAL(room_size("a"), 0u);
  CAF_CHECK(!ask<bool>(server.registry(), msg::leave{"a", bot}));
  CAF_CHECK(!failure);
  caf::anon_send_exit(bot, caf::exit_reason::user_shutdown);
}

CAF_TEST(a confirmation that nobody asked for is not taken for another one) {
  auto alice = member("alice", "lobby");
  alice.say(R"(m:room;4;["lobby","1"])");
  while (sched.prioritize(alice.actor))
    sched.run_once();
  self->send(alice.actor, msg::confirmed{7, 9}); // for another message
  alice.say("m:self;0;2");
  run();
  CAF_CHECK_EQUAL(alice.heard(), (strings{"1", "2"}));
}

CAF_TEST_FIXTURE_SCOPE_END()
