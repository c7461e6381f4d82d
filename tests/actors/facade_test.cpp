#define CAF_SUITE actors.facade

#include "actors/connection_actor.hpp"

#include "support/fixture.hpp"

using namespace troupe;
using test::strings;

CAF_TEST_FIXTURE_SCOPE(facade_tests, test::fixture)

CAF_TEST(C32 err says how a connection ended) {
  auto alice = connect_with([this](connection& c) {
    note(what(c.err()));
    c.on_disconnect(
      [this](connection& me, const close_info&) { note(what(me.err())); });
  });
  alice.upper_layer->on_close(
    {close_code::abnormal, "", false, make_error(errc::pong_timeout)});
  run();
  CAF_CHECK_EQUAL(notes, (strings{"no error", "no pong in time"}));
}

CAF_TEST(C14 C32 a connection knows its subprotocol) {
  auto f = [this](connection& c) { note(c.subprotocol()); };
  connect_with(f);
  CAF_CHECK_EQUAL(notes, strings{""});
  notes.clear();
  server.connect("bob");
  server.core->add(
    [this](connection& c) { note(c.id() + " " + c.subprotocol()); });
  server.connect("carol", "chat.v2");
  run();
  CAF_CHECK_EQUAL(notes.back(), "carol chat.v2");
}

CAF_TEST(C37 an application fires errors of its own) {
  auto alice = connect_with([this](connection& c) {
    c.on_error(
      [this](connection&, const caf::error& x) { note("first " + what(x)); });
    c.on_error([this](connection&, const caf::error& x) {
      note(std::string{"second "}
           + (x == errc::application_error ? "ours" : "another"));
    });
    c.on("a", [](connection& me) { me.fire_on_error("too loud"); });
    c.on("b",
         [](connection& me) { me.fire_on_error(make_error(errc::id_taken)); });
  });
  say(alice, "m:a;0;");
  CAF_CHECK_EQUAL(notes, (strings{"first error of the application: too loud",
                                  "second ours"}));
  notes.clear();
  say(alice, "m:b;0;");
  CAF_CHECK_EQUAL(notes.back(), "second another");
  CAF_CHECK(!alice.socket->closed());
}

CAF_TEST(C37 a normal end is no error) {
  for (auto code : {close_code::normal, close_code::going_away}) {
    auto alice = connect_with([this](connection& c) {
      c.on_error([this](connection&, const caf::error&) { note("error"); });
    });
    alice.hang_up(code);
    run();
  }
  CAF_CHECK_EQUAL(notes, strings{});
}

CAF_TEST(C33 C38 pings and pongs are told in turn with messages) {
  bool inside = false;
  auto alone = [&inside, this](const std::string& x) {
    CAF_CHECK(!inside);
    inside = true;
    note(x);
    inside = false;
  };
  auto alice = connect_with([&](connection& c) {
    c.on_message([&](std::string_view x) { alone(std::string{x}); });
    c.on_ping([&](connection&, std::string_view x) {
      alone("ping " + std::string{x});
    });
    c.on_pong([&](connection&, std::string_view x) {
      alone("pong " + std::string{x});
    });
  });
  alice.say("one");
  alice.upper_layer->on_control(false, "p");
  alice.say("two");
  alice.upper_layer->on_control(true, "q");
  run();
  CAF_CHECK_EQUAL(notes, (strings{"one", "ping p", "two", "pong q"}));
}

CAF_TEST(C46 raw frames are written in order) {
  auto alice = connect_with([](connection& c) {
    c.on("go", [](connection& me) {
      me.emit_message("1");
      CAF_CHECK(!me.write(opcode::text, "2"));
      CAF_CHECK(!me.write(opcode::binary, "3"));
      CAF_CHECK(!me.write(opcode::ping, "4"));
      CAF_CHECK(!me.write(opcode::pong, ""));
      me.emit_message("5");
    });
  });
  say(alice, "m:go;0;");
  CAF_CHECK_EQUAL(alice.socket->take_wire(),
                  (strings{"\x81\x01"
                           "1",
                           "\x81\x01"
                           "2",
                           "\x82\x01"
                           "3",
                           "\x89\x01"
                           "4",
                           std::string{"\x8a\x00", 2},
                           "\x81\x01"
                           "5"}));
}

CAF_TEST(C46 a raw frame that nobody may send is refused) {
  auto alice = connect_with([](connection& c) {
    CAF_CHECK(c.write(opcode::text, "\xff") == errc::invalid_value);
    CAF_CHECK(c.write(opcode::ping, std::string(126, 'x'))
              == errc::message_too_big);
    CAF_CHECK(c.write(opcode::close, "x") == errc::invalid_value);
    CAF_CHECK(c.write(opcode::close, "\x03\xee")
              == errc::invalid_value); // 1006
    CAF_CHECK(c.write(opcode::close, "\x03\xe8\xff") == errc::invalid_value);
    CAF_CHECK(c.write(opcode{3}, "") == errc::invalid_value);
  });
  CAF_CHECK_EQUAL(alice.socket->take_wire(), strings{});
  CAF_CHECK(!alice.socket->closed());
}

CAF_TEST(C46 a raw close ends the connection) {
  auto alice = connect_with([this](connection& c) {
    c.on("go", [](connection& me) {
      CAF_CHECK(!me.write(opcode::close,
                          "\x0f\xa0"
                          "enough"));
      CAF_CHECK(me.write(opcode::text, "late") == errc::already_disconnected);
    });
    c.on_disconnect([this](connection&, const close_info& x) {
      note(std::to_string(static_cast<int>(x.code)) + " " + x.reason);
    });
  });
  say(alice, "m:go;0;");
  CAF_CHECK_EQUAL(notes, strings{"4000 enough"});
  CAF_CHECK_EQUAL(static_cast<int>(alice.socket->code()), 4000);
}

CAF_TEST(C46 a raw close may be empty) {
  auto alice = connect_with([](connection& c) {
    c.on("go", [](connection& me) { CAF_CHECK(!me.write(opcode::close, "")); });
  });
  say(alice, "m:go;0;");
  CAF_CHECK(alice.socket->code() == close_code::no_status);
}

CAF_TEST(C47 values are noted on a connection) {
  auto alice = connect_with([this](connection& c) {
    c.set_value("name", "Alice");
    c.set_value("age", "42");
    c.set_value("tags", strings{"a", "b"});
    c.set_value("score", 1.5);
    c.on("go", [this](connection& me) {
      note(me.value_string("name"));
      note(std::to_string(me.value_int("age") + me.value_int("nothing")));
      note(std::to_string(me.value_strings("tags").size()));
      CAF_CHECK_EQUAL(*me.value<double>("score"), 1.5);
      CAF_CHECK(me.value<int>("score") == nullptr);
    });
  });
  say(alice, "m:go;0;");
  CAF_CHECK_EQUAL(notes, (strings{"Alice", "42", "2"}));
}

CAF_TEST(C39 C40 C45 a handler that disconnects sees its end after it returns) {
  auto alice = connect_with([this](connection& c) {
    c.join("lobby");
    c.on("go", [this](connection& me) {
      me.disconnect();
      me.leave("lobby");
      note("returns");
    });
    c.on_leave([this](connection& me, const std::string& room) {
      note("leave " + room);
      CAF_CHECK(!me.leave(room)); // The room is being left.
      me.disconnect();
      me.to(room).emit("bye");
    });
    c.on_disconnect([this](connection& me, const close_info&) {
      note("over");
      // None of this has an effect.
      me.emit("late");
      me.to(all).emit("gone");
      CAF_CHECK(me.join("lobby") == errc::already_disconnected);
      CAF_CHECK(me.disconnect() == errc::already_disconnected);
      throw 42;
    });
  });
  auto bob = member("bob", "lobby");
  say(alice, "m:go;0;");
  CAF_CHECK_EQUAL(notes, (strings{"leave lobby", "returns", "over"}));
  CAF_CHECK_EQUAL(bob.heard(), (strings{"m:bye;0;", "m:gone;0;"}));
  CAF_CHECK_EQUAL(alice.heard(), strings{});
  CAF_CHECK_EQUAL(connection_count(), 1u);
}

CAF_TEST(C59 what was emitted stays so when its sender leaves or goes) {
  auto bob = member("bob", "lobby");
  auto alice = connect_with([](connection& c) {
    c.join("lobby");
    c.on("go", [](connection& me) {
      me.to("lobby").emit("before");
      me.leave("lobby");
      me.to("lobby").emit("after");
      me.to("bob").emit("direct");
      me.disconnect();
    });
  });
  say(alice, "m:go;0;");
  CAF_CHECK_EQUAL(alice.heard(), strings{"m:before;0;"});
  CAF_CHECK_EQUAL(bob.heard(),
                  (strings{"m:before;0;", "m:after;0;", "m:direct;0;"}));
}

CAF_TEST(C40 on_leave may join and leave other rooms) {
  auto alice = connect_with([this](connection& c) {
    c.join("a");
    c.join("b");
    c.on_leave([this](connection& me, const std::string& room) {
      note(room + (me.is_joined(room) ? " still in" : " out"));
      if (room == "a") {
        me.leave("b");
        CAF_CHECK(!me.join("c"));
      }
    });
  });
  say(alice, "m:leave;0;a");
  CAF_CHECK_EQUAL(notes, (strings{"a still in", "b still in"}));
  CAF_CHECK_EQUAL(room_size("a") + room_size("b"), 0u);
  CAF_CHECK_EQUAL(room_size("c"), 1u);
}

CAF_TEST(C42 on_leave does not fire for the own id) {
  auto alice = connect_with([this](connection& c) {
    c.on_leave([this](connection&, const std::string& x) { note(x); });
    CAF_CHECK(c.is_joined("alice"));
    CAF_CHECK(!c.leave("alice"));
    c.leave_all();
    CAF_CHECK(c.is_joined("alice"));
  });
  alice.hang_up();
  run();
  CAF_CHECK_EQUAL(notes, strings{});
}

CAF_TEST(C60 drops are counted and told to the connection) {
  auto alice = connect_with([this](connection& c) {
    c.on_error([this](connection&, const caf::error& x) { note(what(x)); });
  });
  alice.upper_layer->on_overflow(3, 2);
  alice.upper_layer->on_overflow(0, 5);
  run();
  CAF_CHECK_EQUAL(notes,
                  strings{"the client reads too slowly: messages dropped: 3"});
  CAF_CHECK_EQUAL(server.core->stats.messages_dropped, 3u);
  CAF_CHECK_EQUAL(server.core->stats.messages_conflated, 7u);
  CAF_CHECK(!alice.socket->closed());
}

CAF_TEST(C62 a client that is gone before it is taken in is told of in full) {
  server.core->add([this](connection& c) {
    note("up");
    c.on_disconnect([this](connection&, const close_info& x) {
      note("down " + std::to_string(static_cast<int>(x.code)) + " " + x.reason);
    });
  });
  auto alice = server.connect("alice");
  alice.upper_layer->on_close({close_code{4001}, "changed my mind", true, {}});
  run();
  CAF_CHECK_EQUAL(notes, (strings{"up", "down 4001 changed my mind"}));
  CAF_CHECK_EQUAL(alice.socket->credit(), 0u);
  CAF_CHECK_EQUAL(connection_count(), 0u);
}

CAF_TEST(C19 C51 a connection set up from outside reads when told) {
  auto alice = server.connect("alice", "", actors::reading::when_told);
  self->send(alice.actor, actors::run_inside{[this](connection& c) {
               c.emit("welcome");
               c.on("chat", [this](const std::string& x) { note(x); });
             }});
  run();
  CAF_CHECK_EQUAL(connection_count(), 0u); // The handshake is still open.
  self->send(alice.actor, actors::socket_open{});
  run();
  CAF_CHECK_EQUAL(alice.heard(), strings{"m:welcome;0;"});
  CAF_CHECK_EQUAL(alice.socket->credit(), 0u);
  self->send(alice.actor, actors::start_reading{});
  run();
  CAF_CHECK_EQUAL(alice.socket->credit(), server.core->settings.inbound_credit);
  say(alice, "m:chat;0;hello");
  CAF_CHECK_EQUAL(notes, strings{"hello"});
}

CAF_TEST(C19 a connection whose handshake fails never was one) {
  auto gone = server.connect("gone", "", actors::reading::when_told);
  gone.upper_layer->on_close({close_code::abnormal, "", true, {}});
  auto killed = server.connect("killed", "", actors::reading::when_told);
  self->send_exit(killed.actor, caf::exit_reason::user_shutdown);
  run();
  self->send(killed.actor, actors::socket_open{});
  run();
  CAF_CHECK(gone.socket->closed()); // as it does when its actor ends
  CAF_CHECK(killed.socket->closed());
  CAF_CHECK_EQUAL(connection_count(), 0u);
  CAF_CHECK_EQUAL(server.core->stats.connections_opened, 0u);
}

CAF_TEST(C50 a connection is left out whomever else it speaks to) {
  auto bob = connect("bob");
  auto alice = connect_with([](connection& c) {
    c.on("speak", [](connection& me) {
      me.join("lobby");
      me.to(all).except_me().emit_message("all");
      me.to(broadcast).emit_message("others");
      me.to_room("lobby").except_me().emit_message("room");
      me.to("lobby").except_me().emit_message("name");
      me.to("alice").except_me().emit_message("own name");
      me.to_connection("alice").except_me().emit_message("own id");
      me.to_connection("bob").except_me().emit_message("id");
    });
  });
  say(bob, "m:join;0;lobby");
  for (auto is_known : {false, true}) { // A known room is sent to directly.
    CAF_MESSAGE("the room is known: " << is_known);
    say(alice, "m:speak;0;");
    CAF_CHECK_EQUAL(alice.heard(), strings{});
    CAF_CHECK_EQUAL(bob.heard(),
                    (strings{"all", "others", "room", "name", "id"}));
  }
}

CAF_TEST(C42 who sends text or bytes decides which of them it is) {
  auto alice = connect_with([this](connection& c) {
    c.on("own", [this](connection& me) {
      me.send_binary("a");
      CAF_CHECK(!me.send_text("b"));
      CAF_CHECK(me.send_text("\xff") == errc::invalid_value);
      me.send(frame::binary("c"));
      me.emit_message("d");
      me.emit_message("\xff");
    });
    c.on("other", [this](connection& me) {
      auto to = me.to_connection("bob");
      to.send_binary("a");
      CAF_CHECK(!to.send_text("b"));
      CAF_CHECK(to.send_text("\xff") == errc::invalid_value);
      to.send(frame::binary("c"));
      to.emit_message("d");
      to.emit_message("\xff");
    });
  });
  auto bob = connect("bob");
  auto wire_of = [](auto& who) {
    std::string result;
    for (const auto& bytes : who.socket->take_wire())
      result += bytes;
    return result;
  };
  std::string_view expected{"\x82\1a\x81\1b\x82\1c\x81\1d\x82\1\xff"};
  say(alice, "m:own;0;");
  CAF_CHECK_EQUAL(wire_of(alice), expected);
  say(alice, "m:other;0;");
  CAF_CHECK_EQUAL(wire_of(bob), expected);
}

CAF_TEST(C49 no name from outside addresses everyone) {
  auto bob = connect("bob");
  auto alice = connect("alice");
  for (auto name : {"", ";to;all;except;me;"}) {
    say(alice, "m:to;4;[\"" + std::string{name} + "\",\"to all?\"]");
    say(alice, "m:room;4;[\"" + std::string{name} + "\",\"to all?\"]");
    self->send(server.registry(), msg::publish{name, frame::text("to all?")});
    run();
  }
  CAF_CHECK_EQUAL(alice.heard(), strings{});
  CAF_CHECK_EQUAL(bob.heard(), strings{});
}

CAF_TEST_FIXTURE_SCOPE_END()
