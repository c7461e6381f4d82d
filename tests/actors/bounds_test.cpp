#define CAF_SUITE actors.bounds

#include "support/bounds_fixture.hpp"

using namespace troupe;
using test::strings;

/// Tests of the bounds that docs/limits.md lists.

namespace {

struct fixture : test::bounds_fixture {
  /// Connects a client that notes what its on_error receives.
  test::fake_client complaining(std::string id = "alice") {
    return connect_with(
      [this](connection& c) {
        c.on_error([this](connection&, const caf::error& x) { note(what(x)); });
      },
      std::move(id));
  }

  /// Connects a client whose handler awaits a response that the test has not
  /// sent yet.
  test::fake_client awaiting(std::function<void(connection&)> f = {}) {
    auto oracle = caf::actor_cast<caf::actor>(self);
    auto alice = connect_with([=, this](connection& c) {
      c.join("lobby");
      c.on("ask", [=, this](connection& me) {
        me.self().request(oracle, caf::infinite, 7).await([this](int) {
          note("answer");
        });
      });
      if (f)
        f(c);
    });
    say(alice, "m:ask;0;");
    return alice;
  }

  void answer() {
    self->receive([](int x) { return x; });
    run();
  }

  /// Makes the test, which reads its mailbox only on request, and a client
  /// members of the lobby.
  test::fake_client enter_lobby() {
    self->send(server.registry(), msg::join{"lobby", self});
    auto alice = member("alice", "lobby");
    read_all();
    return alice;
  }

  /// Returns what the test has received: the number of messages in each batch,
  /// or its removal.
  strings read_all() {
    strings res;
    while (!self->mailbox().empty())
      self->receive([](const msg::joined&) {},
                    [&](const msg::deliver& x) {
                      res.push_back(std::to_string(x.messages.size()));
                    },
                    [&](const msg::member_removed& x) {
                      CAF_CHECK(x.reason == errc::slow_receiver);
                      res.push_back("removed from " + x.room);
                    });
    return res;
  }

  /// Makes the connection `id` join a room on behalf of another actor.
  caf::error join_by_id(const std::string& id, const std::string& room) {
    caf::error res;
    auto handle = self->request(
      server.registry(), caf::infinite,
      msg::forward{id, caf::make_message(msg::join{room, nullptr})});
    run();
    handle.receive([] {}, [&](caf::error& x) { res = std::move(x); });
    return res;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(bounds_tests, fixture)

// -- rooms of a connection ----------------------------------------------------

CAF_TEST(a client cannot be in more rooms than a connection may) {
  settings().max_rooms_per_connection = 2;
  auto alice = complaining();
  for (auto room : {"a", "b", "c", "b", "d"})
    say(alice, std::string{"m:join;0;"} + room);
  CAF_CHECK_EQUAL(notes, (strings{"too many rooms: c", "too many rooms: d"}));
  CAF_CHECK_EQUAL(room_size("a") + room_size("b"), 2u);
  CAF_CHECK_EQUAL(room_size("c"), 0u);
  CAF_CHECK_EQUAL(stats().joins_refused, 2u);
  CAF_CHECK(!alice.socket->closed());
}

CAF_TEST(who leaves a room may join another one at once) {
  settings().max_rooms_per_connection = 1;
  auto alice = complaining();
  for (auto room : {"a", "b", "a"}) {
    alice.say(std::string{"m:join;0;"} + room);
    alice.say(std::string{"m:leave;0;"} + room);
  }
  alice.say("m:join;0;c");
  run();
  CAF_CHECK_EQUAL(notes, strings{});
  CAF_CHECK_EQUAL(room_size("c"), 1u);
}

CAF_TEST(a room that refuses or breaks down counts no more) {
  settings().max_rooms_per_connection = 1;
  settings().max_rooms = 1;
  auto bob = member("bob", "x");
  auto alice = member("alice", "y"); // exceeds the limit
  settings().max_rooms = 2;
  say(alice, "m:join;0;a");
  CAF_CHECK_EQUAL(room_size("a"), 1u);
  test::break_down(ask<caf::actor>(server.registry(), msg::lookup{"a"}));
  run();
  say(alice, "m:join;0;b");
  CAF_CHECK_EQUAL(room_size("b"), 1u);
  CAF_CHECK_EQUAL(stats().joins_refused, 0u);
}

CAF_TEST(who makes a connection join too many rooms is told) {
  settings().max_rooms_per_connection = 1;
  auto alice = complaining();
  CAF_CHECK(!join_by_id("alice", "a"));
  CAF_CHECK(join_by_id("alice", "b") == errc::too_many_rooms);
  CAF_CHECK(!join_by_id("alice", "a")); // already a member
  CAF_CHECK_EQUAL(notes, strings{"too many rooms: b"});
}

CAF_TEST(an on_error that joins in vain is not told of that) {
  settings().max_rooms_per_connection = 1;
  auto alice = connect_with([this](connection& c) {
    c.on_error([this](connection& me, const caf::error& x) {
      note(what(x));
      CAF_CHECK(me.join("errors") == errc::too_many_rooms);
    });
    CAF_CHECK(!c.join("a"));
    CAF_CHECK(c.join("b") == errc::too_many_rooms);
  });
  CAF_CHECK_EQUAL(notes, strings{"too many rooms: b"});
  CAF_CHECK_EQUAL(stats().joins_refused, 2u);
}

// -- rooms of a server --------------------------------------------------------

CAF_TEST(a server has no more rooms than it may) {
  settings().max_rooms = 2;
  auto alice = complaining();
  auto bob = connect("bob");
  say(bob, "m:join;0;a");
  for (auto room : {"b", "c", "a"})
    say(alice, std::string{"m:join;0;"} + room);
  CAF_CHECK_EQUAL(notes, strings{"too many rooms: c"});
  CAF_CHECK_EQUAL(room_size("a"), 2u);
  CAF_CHECK_EQUAL(room_size("b"), 1u);
  CAF_CHECK_EQUAL(stats().rooms_refused, 1u);
  say(alice, "m:leave;0;b"); // allows for another room
  say(alice, "m:join;0;c");
  CAF_CHECK_EQUAL(room_size("c"), 1u);
}

CAF_TEST(who asks for one room too many is told) {
  settings().max_rooms = 1;
  auto alice = member("alice", "a");
  CAF_CHECK(join_by_id("alice", "b") == errc::too_many_rooms);
  self->send(server.registry(), msg::join{"c", self});
  run();
  self->receive([](const msg::join_refused& x) {
    CAF_CHECK_EQUAL(x.room, "c");
    CAF_CHECK(x.reason == errc::too_many_rooms);
  });
  CAF_CHECK_EQUAL(stats().rooms_refused, 2u);
}

// -- handlers that await a response -------------------------------------------

CAF_TEST(pings and pongs that nobody asked for wait nowhere) {
  auto alice = awaiting();
  for (auto is_pong : {false, true})
    CAF_CHECK(!alice.upper_layer->on_control(is_pong, "x"));
  CAF_CHECK(!sched.has_job());
  answer();
}

CAF_TEST(C38 pings that somebody asked for cost credit until they are told) {
  auto alice = awaiting([this](connection& c) {
    c.on_ping([this](connection&, std::string_view x) {
      note("ping " + std::string{x});
    });
  });
  auto before = alice.socket->credit();
  CAF_CHECK(alice.upper_layer->on_control(false, "1"));
  CAF_CHECK(alice.upper_layer->on_control(false, "2"));
  CAF_CHECK(!alice.upper_layer->on_control(true, "3"));
  run();
  CAF_CHECK_EQUAL(alice.socket->credit(), before);
  answer();
  CAF_CHECK_EQUAL(notes, (strings{"answer", "ping 1", "ping 2"}));
  CAF_CHECK_EQUAL(alice.socket->credit(), before + 2);
}

CAF_TEST(what others say waits in the socket of who awaits an answer) {
  auto alice = awaiting();
  auto bob = member("bob", "lobby");
  alice.say("m:self;0;later");
  say(bob, R"(m:room;4;["lobby","1"])");
  self->send(alice.actor, msg::emit{frame::text("2")});
  say(bob, "m:all;0;3");
  CAF_CHECK_EQUAL(alice.heard(), (strings{"1", "2", "3"}));
  CAF_CHECK_EQUAL(notes, strings{});
  answer();
  CAF_CHECK_EQUAL(notes, strings{"answer"});
  CAF_CHECK_EQUAL(alice.heard(), strings{"later"});
}

CAF_TEST(C58 what a handler says before it awaits comes before what it says then) {
  auto oracle = caf::actor_cast<caf::actor>(self);
  auto bob = member("bob", "lobby");
  auto alice = connect_with([=](connection& c) {
    c.join("lobby");
    c.on("ask", [=](connection& me) {
      me.to_room("lobby").emit_message("1");
      me.emit_message("2");
      me.to("bob").emit_message("3");
      me.self().request(oracle, caf::infinite, 7).await([&me](int) {
        me.to_room("lobby").emit_message("4");
      });
    });
  });
  say(alice, "m:ask;0;");
  CAF_CHECK_EQUAL(alice.heard(), (strings{"1", "2"}));
  CAF_CHECK_EQUAL(bob.heard(), (strings{"1", "3"}));
  answer();
  CAF_CHECK_EQUAL(alice.heard(), strings{"4"});
  CAF_CHECK_EQUAL(bob.heard(), strings{"4"});
}

// -- members that are not connections -----------------------------------------

CAF_TEST(an actor that reads nothing is removed from its room and told) {
  settings().max_unread_batches = 3;
  auto alice = enter_lobby();
  for (auto i = 0; i < 10; ++i)
    say(alice, R"(m:room;4;["lobby","x"])");
  CAF_CHECK_EQUAL(room_size("lobby"), 1u);
  CAF_CHECK_EQUAL(stats().members_removed, 1u);
  CAF_CHECK_EQUAL(alice.heard().size(), 10u);
  CAF_CHECK_EQUAL(read_all(), (strings{"1", "1", "1", "removed from lobby"}));
  self->send(server.registry(), msg::join{"lobby", self}); // again
  say(alice, R"(m:room;4;["lobby","x"])");
  CAF_CHECK_EQUAL(read_all(), strings{"1"});
}

CAF_TEST(so is one that leaves too many bytes unread) {
  settings().max_unread_bytes = 1000;
  auto alice = enter_lobby();
  auto big = R"(m:room;4;["lobby",")" + std::string(600, 'x') + "\"]";
  say(alice, big);
  say(alice, big);
  CAF_CHECK_EQUAL(read_all(), (strings{"1", "removed from lobby"}));
}

CAF_TEST(an actor that reads in time stays) {
  settings().max_unread_batches = 3;
  settings().max_unread_bytes = 1000;
  auto alice = enter_lobby();
  for (auto i = 0; i < 10; ++i) {
    for (auto j = 0; j < 3; ++j)
      say(alice, R"(m:room;4;["lobby","x"])");
    CAF_CHECK_EQUAL(read_all(), (strings{"1", "1", "1"}));
    run();
  }
  CAF_CHECK_EQUAL(room_size("lobby"), 2u);
}

CAF_TEST(a batch of any size may wait alone for an actor) {
  settings().max_unread_bytes = 100;
  auto alice = enter_lobby();
  say(alice, R"(m:room;4;["lobby",")" + std::string(600, 'x') + "\"]");
  CAF_CHECK_EQUAL(read_all(), strings{"1"});
}

CAF_TEST(an actor that answers with an error or something odd has read) {
  settings().max_unread_batches = 1;
  auto alice = member("alice", "lobby");
  auto odd = sys.spawn([]() -> caf::behavior {
    return {[](const msg::joined&) {}, [](const msg::deliver&) { return 42; }};
  });
  auto deaf = sys.spawn([](caf::event_based_actor* me) -> caf::behavior {
    me->set_default_handler(caf::drop);
    return {[](const msg::joined&) {}};
  });
  for (const auto& x : {odd, deaf})
    caf::anon_send(server.registry(), msg::join{"lobby", x});
  run();
  for (auto i = 0; i < 10; ++i)
    say(alice, R"(m:room;4;["lobby","x"])");
  CAF_CHECK_EQUAL(room_size("lobby"), 3u);
}

CAF_TEST(a room whose last member is removed ends) {
  settings().max_unread_batches = 1;
  self->send(server.registry(), msg::join{"lobby", self});
  for (auto i = 0; i < 2; ++i) {
    self->send(server.registry(), msg::publish{"lobby", frame::text("x")});
    run();
  }
  ask<caf::actor>(server.registry(), msg::lookup{"lobby"});
  CAF_CHECK(failure == errc::no_such_name);
}

CAF_TEST_FIXTURE_SCOPE_END()
