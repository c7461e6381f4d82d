#define CAF_SUITE actors.connection

#include "actors/connection_actor.hpp"

#include "support/fixture.hpp"

#include <stdexcept>

using namespace troupe;
using test::strings;

CAF_TEST_FIXTURE_SCOPE(connection_tests, test::fixture)

CAF_TEST(C17 C62 callbacks of the server run in order before anything is read) {
  server.core->add([this](connection& c) {
    note("first " + c.id());
    c.on_message([this](std::string_view x) { note(std::string{x}); });
  });
  server.core->add([this](connection&) { note("second"); });
  auto alice = server.connect("alice");
  alice.say("early");
  CAF_CHECK_EQUAL(alice.socket->credit(), 0u);
  run();
  CAF_CHECK_EQUAL(notes, (strings{"first alice", "second"}));
  CAF_CHECK_EQUAL(alice.socket->credit(), server.core->settings.inbound_credit);
  say(alice, "late");
  CAF_CHECK_EQUAL(notes.back(), "late");
}

CAF_TEST(C33 handlers take nothing or any type and the connection) {
  struct point {
    int x = 0;
    int y = 0;
  };
  auto alice = connect_with([this](connection& c) {
    c.on("n", [this] { note("nothing"); });
    c.on("n", [this](connection& me) { note("me " + me.id()); });
    c.on("s", [this](const std::string& x) { note(x); });
    c.on("s", [this](connection&, std::string_view x) {
      note("view " + std::string{x});
    });
    c.on("i", [this](int8_t x) { note(std::to_string(x)); });
    c.on("b", [this](bool x) { note(x ? "yes" : "no"); });
    c.on("d", [this](double x) { note(std::to_string(x)); });
    c.on("y", [this](const std::vector<std::byte>& x) {
      note(std::to_string(x.size()) + " bytes");
    });
    c.on("j", [this](connection&, const nlohmann::json& x) { note(x.dump()); });
    c.on("v", [this](const std::vector<int>& x) {
      note("sum " + std::to_string(x.at(0) + x.at(1)));
    });
  });
  for (auto x : {"m:n;0;", "m:s;0;hi;there", "m:i;1;-7", "m:b;2;true",
                 "m:d;4;1.5", "m:y;3;abc", "m:j;4;{\"a\":1}", "m:v;4;[2,3]"})
    say(alice, x);
  CAF_CHECK_EQUAL(notes, (strings{"nothing", "me alice", "hi;there",
                                  "view hi;there", "-7", "yes", "1.500000",
                                  "3 bytes", "{\"a\":1}", "sum 5"}));
}

CAF_TEST(C34 an integer reaches a string handler as text and other misfits err) {
  auto alice = connect_with([this](connection& c) {
    c.on("s", [this](const std::string& x) { note(x); });
    c.on("i", [this](int8_t x) { note(std::to_string(x)); });
    c.on_error([this](connection&, const caf::error& x) { note(what(x)); });
  });
  say(alice, "m:s;1;42");
  CAF_CHECK_EQUAL(notes, strings{"42"});
  notes.clear();
  for (auto x : {"m:i;0;no", "m:i;1;1000", "m:i;1;1x", "m:i;1;"})
    say(alice, x);
  CAF_CHECK_EQUAL(notes.size(), 4u);
  CAF_CHECK(notes[0].find("i: wanted an integer, got a string")
            != std::string::npos);
  CAF_CHECK_EQUAL(server.core->stats.unfit_values, 4u);
  CAF_CHECK(!alice.socket->closed());
}

CAF_TEST(C34 an optional value is empty for no data and for null) {
  auto alice = connect_with([this](connection& c) {
    c.on("s", [this](std::optional<std::string> x) { note(x.value_or("-")); });
    c.on("i", [this](connection& me, const std::optional<int>& x) {
      note(x ? std::to_string(*x) : "none");
      me.emit("i", x);
    });
    c.on_error([this](connection&, const caf::error&) { note("error"); });
  });
  for (auto x : {"m:s;0;tea", "m:s;0;", "m:s;4; null\n", "m:i;1;7", "m:i;0;",
                 "m:i;4;null", "m:i;0;tea", "m:i;4;[]"})
    say(alice, x);
  CAF_CHECK_EQUAL(
    notes, (strings{"tea", "-", "-", "7", "none", "none", "error", "error"}));
  CAF_CHECK_EQUAL(alice.heard(),
                  (strings{"m:i;1;7", "m:i;4;null", "m:i;4;null"}));
}

CAF_TEST(C35 unknown events are counted and ignored) {
  auto alice = connect("alice");
  say(alice, "m:nobody;0;listens");
  CAF_CHECK_EQUAL(server.core->stats.unknown_events, 1u);
  CAF_CHECK(!alice.socket->closed());
}

CAF_TEST(C36 C56 what lacks the prefix at its start is a message) {
  auto alice = connect_with([this](connection& c) {
    c.on_message(
      [this](connection&, const frame& x) { note(std::string{x.payload()}); });
  });
  say(alice, "hello");
  say(alice, " m:chat;0;x");
  say(alice, "");
  CAF_CHECK_EQUAL(notes, (strings{"hello", " m:chat;0;x", ""}));
}

CAF_TEST(C55 broken events go to on_error and are counted) {
  auto alice = connect_with([this](connection& c) {
    c.on_error([this](connection&, const caf::error&) { note("error"); });
  });
  for (auto x : {"m:", "m:chat", "m:chat;0", "m:chat;9;x", "m:;0;x"})
    say(alice, x);
  CAF_CHECK_EQUAL(notes.size(), 5u);
  CAF_CHECK_EQUAL(server.core->stats.malformed_events, 5u);
}

CAF_TEST(C48 a handler that throws loses that one message) {
  auto alice = connect_with([this](connection& c) {
    c.on("bad", [] { throw std::runtime_error{"oops"}; });
    c.on("odd", [] { throw 42; });
    c.on_error([this](connection&, const caf::error& x) {
      note(what(x));
      throw std::runtime_error{"again"};
    });
  });
  say(alice, "m:bad;0;");
  say(alice, "m:odd;0;");
  say(alice, "m:self;0;alive");
  CAF_CHECK_EQUAL(notes.size(), 2u);
  CAF_CHECK(notes[0].find("oops") != std::string::npos);
  CAF_CHECK_EQUAL(alice.heard(), strings{"alive"});
}

CAF_TEST(C39 C40 a lost connection leaves its rooms and then disconnects) {
  auto bob = member("bob", "lobby");
  auto alice = connect_with([this](connection& c) {
    c.on_leave([this](connection& me, const std::string& room) {
      note("leave " + room + (me.is_joined(room) ? " still in" : " out"));
      me.to_room(room).emit_message("bye");
      me.join("elsewhere");
      me.leave(room);
    });
    c.on_disconnect([this](connection& me, const close_info& x) {
      note("over " + std::to_string(static_cast<int>(x.code))
           + (x.by_peer ? " by peer" : "") + " rooms "
           + std::to_string(me.rooms().size()));
      me.to_room("lobby").emit_message("gone");
    });
  });
  say(alice, "m:join;0;lobby");
  say(alice, "m:join;0;attic");
  alice.hang_up(close_code::going_away);
  run();
  CAF_CHECK_EQUAL(notes,
                  (strings{"leave attic still in", "leave lobby still in",
                           "over 1001 by peer rooms 0"}));
  CAF_CHECK_EQUAL(bob.heard(), (strings{"bye", "gone"}));
  CAF_CHECK_EQUAL(connection_count(), 1u);
  CAF_CHECK_EQUAL(room_size("attic"), 0u);
  CAF_CHECK_EQUAL(room_size("elsewhere"), 0u);
}

CAF_TEST(C37 on_error is told the cause of an abnormal end only) {
  for (auto cause : {caf::error{}, make_error(errc::pong_timeout)}) {
    auto alice = connect_with([this](connection& c) {
      c.on_error([this](connection&, const caf::error& x) {
        CAF_CHECK(x == errc::pong_timeout);
        note("error");
      });
    });
    alice.upper_layer->on_close({close_code::abnormal, "", false, cause});
    run();
    CAF_CHECK_EQUAL(notes.empty(), !cause);
  }
}

CAF_TEST(C45 disconnect sends a close code once and tears down) {
  auto alice = connect_with([this](connection& c) {
    c.on("end", [this](connection& me) {
      me.emit_message("last words");
      CAF_CHECK(!me.disconnect(close_code::policy_violation, "enough"));
      CAF_CHECK(me.disconnect() == errc::already_disconnected);
      CAF_CHECK(me.join("late") == errc::already_disconnected);
      note("handler returns");
    });
    c.on_disconnect([this](connection&, const close_info& x) {
      note(x.reason + (x.by_peer ? " by peer" : " by us"));
    });
    c.on_message([this](std::string_view) { note("must not be read"); });
  });
  alice.say("m:end;0;");
  alice.say("more");
  run();
  CAF_CHECK_EQUAL(notes, (strings{"handler returns", "enough by us"}));
  CAF_CHECK_EQUAL(alice.heard(), strings{"last words"});
  CAF_CHECK(alice.socket->code() == close_code::policy_violation);
  CAF_CHECK_EQUAL(connection_count(), 0u);
  alice.hang_up();
  run();
}

CAF_TEST(C31 a taken id is refused and the first owner stays) {
  auto first = connect("alice");
  auto second = connect("alice");
  CAF_CHECK(second.socket->closed());
  CAF_CHECK(second.socket->code() == close_code::policy_violation);
  say(first, "m:self;0;mine");
  CAF_CHECK_EQUAL(first.heard(), strings{"mine"});
  second.hang_up();
  run();
  CAF_CHECK_EQUAL(connection_count(), 1u);
  first.hang_up();
  run();
  auto third = connect("alice");
  CAF_CHECK(!third.socket->closed());
}

CAF_TEST(C1 C50 reserved names are neither ids nor rooms) {
  for (std::string bad : {"", ";to;all;except;me;", "caf\xe9"}) {
    CAF_CHECK(connect(bad).socket->closed());
    auto alice = connect_with(
      [&](connection& c) { CAF_CHECK(c.join(bad) == errc::reserved_name); });
    alice.hang_up();
    run();
  }
  CAF_CHECK(connect(std::string(256, 'x')).socket->closed());
  CAF_CHECK(!connect(std::string(255, 'x')).socket->closed());
}

CAF_TEST(C41 what is for an id no room of that name hears) {
  auto bob = member("bob", "alice");
  auto alice = connect_with([](connection& c) {
    CAF_CHECK(c.is_joined("alice"));
    CAF_CHECK(!c.leave("alice"));
  });
  say(bob, R"(m:to;4;["alice","psst"])");
  CAF_CHECK_EQUAL(alice.heard(), strings{"psst"});
  CAF_CHECK_EQUAL(bob.heard(), strings{});
}

CAF_TEST(C42 what a connection emits to itself nobody else reads) {
  auto alice = connect("alice");
  auto eve = connect("eve");
  say(eve, "m:join;0;alice");
  say(alice, "m:self;0;secret");
  CAF_CHECK_EQUAL(alice.heard(), strings{"secret"});
  CAF_CHECK_EQUAL(eve.heard(), strings{});
}

CAF_TEST(C49 C50 all reaches everyone and broadcast all others) {
  auto alice = connect("alice");
  auto bob = connect("bob");
  say(alice, "m:all;0;one");
  say(alice, "m:others;0;two");
  CAF_CHECK_EQUAL(alice.heard(), strings{"one"});
  CAF_CHECK_EQUAL(bob.heard(), (strings{"one", "two"}));
}

CAF_TEST(C50 in one batch each sender skips its own messages only) {
  auto alice = connect("alice");
  auto bob = connect("bob");
  auto carol = connect("carol");
  alice.say("m:all;0;1");
  alice.say("m:others;0;2");
  bob.say("m:others;0;3");
  bob.say("m:all;0;4");
  run();
  auto all_four = carol.heard();
  CAF_CHECK_EQUAL(all_four.size(), 4u);
  auto without = [&](std::string x) {
    auto res = all_four;
    res.erase(std::find(res.begin(), res.end(), x));
    return res;
  };
  CAF_CHECK_EQUAL(alice.heard(), without("2"));
  CAF_CHECK_EQUAL(bob.heard(), without("3"));
}

CAF_TEST(C58 order holds across self and room and id and all and leave) {
  auto bob = member("bob", "lobby");
  auto alice = connect_with([](connection& c) {
    c.join("lobby");
    c.on("go", [](connection& me) {
      me.to_room("lobby").emit_message("1");
      me.emit_message("2");
      me.to("bob").emit_message("2");
      me.to(all).emit_message("3");
      me.to_room("lobby").emit_message("4");
      me.leave("lobby");
      me.to_room("lobby").emit_message("5");
      me.emit_message("6");
      me.join("lobby");
      me.to_room("lobby").emit_message("7");
      me.to("bob").emit_message("8");
    });
  });
  say(alice, "m:go;0;");
  CAF_CHECK_EQUAL(alice.heard(), (strings{"1", "2", "3", "4", "6", "7"}));
  CAF_CHECK_EQUAL(bob.heard(), (strings{"1", "2", "3", "4", "5", "7", "8"}));
}

CAF_TEST(C61 sending to a connection that is gone errs not) {
  auto alice = connect("alice");
  auto bob = connect("bob");
  bob.hang_up();
  run();
  self->send(bob.actor, msg::emit{frame::text("late")});
  say(alice, R"(m:to;4;["bob","late"])");
  say(alice, "m:self;0;on");
  CAF_CHECK_EQUAL(alice.heard(), strings{"on"});
}

CAF_TEST(invariant 9 a client whose messages wait in front of rooms rests) {
  auto alice = member("alice", "lobby");
  auto granted = alice.socket->credit();
  // Only alice runs, so her messages wait in the mailbox of the room.
  for (int i = 0; i < 200; ++i)
    alice.say(R"(m:room;4;["lobby","x"])");
  while (sched.prioritize(alice.actor))
    sched.run_once();
  CAF_CHECK_EQUAL(alice.socket->credit(), granted + 63u);
  run();
  CAF_CHECK_EQUAL(alice.socket->credit(), granted + 200u);
  CAF_CHECK_EQUAL(alice.heard().size(), 200u);
}

CAF_TEST(handlers hear messages of actors in their own terms) {
  auto alice = connect_with([](connection& c) {
    c.on_actor_message<std::string>([](connection& me, const std::string& x) {
      me.emit_message("an actor says " + x);
    });
  });
  self->send(alice.actor, std::string{"hi"});
  self->send(alice.actor, 42);
  run();
  CAF_CHECK_EQUAL(alice.heard(), strings{"an actor says hi"});
}

CAF_TEST(an exit message ends a connection in good order) {
  auto alice = connect_with([this](connection& c) {
    c.on_disconnect([this](connection&, const close_info&) { note("over"); });
  });
  caf::anon_send_exit(alice.actor, caf::exit_reason::user_shutdown);
  run();
  CAF_CHECK_EQUAL(notes, strings{"over"});
  CAF_CHECK(alice.socket->code() == close_code::going_away);
}

CAF_TEST(a connection lets go of its socket at its end and not with its last handle) {
  auto alice = connect("alice");
  std::weak_ptr<test::fake_socket> socket = alice.socket;
  alice.socket.reset();
  alice.hang_up();
  run();
  CAF_CHECK(socket.expired());
  CAF_CHECK(alice.actor);
}

CAF_TEST(a server that stops says goodbye to all) {
  auto alice = member("alice", "lobby");
  self->send(server.registry(), actors::stop{std::chrono::seconds{1}});
  run();
  CAF_CHECK(alice.socket->code() == close_code::going_away);
  CAF_CHECK(connect("late").socket->closed());
}

CAF_TEST_FIXTURE_SCOPE_END()
