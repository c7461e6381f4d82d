#define CAF_SUITE actors.client_actor

#include "actors/client/client_actor.hpp"

#include "support/client_fixture.hpp"

#include <stdexcept>

using namespace troupe;
using namespace std::chrono_literals;

using troupe::test::strings;

namespace {

struct fixture : test::client_fixture {
  /// Returns a setup that notes ends.
  setup note_ends() {
    return [this](ws_client& c) {
      c.on_disconnect([this](ws_client&, const ws_client_end& x) {
        last_end = x;
        note(std::to_string(static_cast<int>(x.code))
             + (x.is_over ? " over" : " again"));
      });
    };
  }
};

struct point {
  int x = 0;
  int y = 0;
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(point, x, y)

} // namespace

CAF_TEST_FIXTURE_SCOPE(client_actor_tests, fixture)

// -- messages -----------------------------------------------------------------

CAF_TEST(events reach their handlers in the order of registration) {
  auto c = connected({}, [this](ws_client& x) {
    x.on("said", [this](const std::string& text) { note("1 " + text); });
    x.on("said", [this](ws_client& me, std::string_view text) {
      note("2 " + std::string{text});
      me.emit("heard");
    });
    x.on("moved", [this](const point& p) { note(std::to_string(p.y)); });
    x.on("left", [this] { note("left"); });
  });
  say("m:said;0;hello");
  say("m:moved;4;{\"x\":1,\"y\":2}");
  say("m:left;0;");
  say("m:unknown;0;");
  CAF_CHECK_EQUAL(news(), (strings{"1 hello", "2 hello", "2", "left"}));
  CAF_CHECK_EQUAL(sent(), strings{"m:heard;0;"});
}

CAF_TEST(messages that are not events reach on_message) {
  auto c = connected({}, [this](ws_client& x) {
    x.on_message([this](std::string_view text) { note(std::string{text}); });
  });
  say("hello");
  say("m:said;0;hello");
  CAF_CHECK_EQUAL(news(), strings{"hello"});
}

CAF_TEST(a client without a prefix of events has raw messages only) {
  auto c = connected({.event_prefix = ""}, [this](ws_client& x) {
    x.on_message([this](const frame& m) { note(std::string{m.payload()}); });
  });
  say("m:said;0;hello");
  CAF_CHECK_EQUAL(news(), strings{"m:said;0;hello"});
  CAF_CHECK(!c.send_text("plain"));
  CAF_CHECK_EQUAL(sent(), strings{"plain"});
}

CAF_TEST(errors of messages and callbacks reach on_error and end nothing) {
  auto c = connected({}, [this](ws_client& x) {
    x.on("count", [this](int n) { note(std::to_string(n)); });
    x.on("count", [](int n) {
      if (n == 7)
        throw std::runtime_error{"seven"};
    });
    x.on_error([this](ws_client&, const caf::error& err) {
      note(to_string(static_cast<errc>(err.code())));
    });
  });
  say("m:count;0;many");
  say("m:count");
  say("m:count;1;7");
  say("m:count;1;8");
  CAF_CHECK_EQUAL(news(), (strings{to_string(errc::type_mismatch),
                                   to_string(errc::type_mismatch),
                                   to_string(errc::malformed_event), "7",
                                   to_string(errc::handler_failed), "8"}));
}

CAF_TEST(what cannot be sent is an error of the caller) {
  auto c = connected();
  CAF_CHECK(c.emit(std::string{"a;b"}) == errc::invalid_event_name);
  CAF_CHECK(c.send_text("\xff") == errc::invalid_value);
  CAF_CHECK_EQUAL(sent(), strings{});
}

CAF_TEST(the next message is read when the last one was handled) {
  auto c = connected();
  CAF_CHECK_EQUAL(socket().reads, 1u);
  say("hello");
  CAF_CHECK_EQUAL(socket().reads, 2u);
}

// -- the queue ----------------------------------------------------------------

CAF_TEST(messages wait for the connection and keep their order) {
  auto c = make({}, [](ws_client& x) {
    x.on_connect([](ws_client& me) { me.emit("connected"); });
  });
  c.emit("one");
  c.emit("two", 2);
  run();
  CAF_CHECK_EQUAL(c.queued(), 2u);
  CAF_CHECK(c.state() == client_state::connecting);
  open();
  CAF_CHECK(c.state() == client_state::open);
  CAF_CHECK_EQUAL(sent(), (strings{"m:one;0;", "m:two;1;2", "m:connected;0;"}));
  CAF_CHECK_EQUAL(c.queued(), 0u);
}

CAF_TEST(what is kept comes first on each connection) {
  auto c = make();
  c.emit("waits");
  c.keep("name", "ann");
  c.keep("join", "lobby");
  c.keep("name", "bob");
  CAF_CHECK(c.keep(std::string{"a;b"}, 1) == errc::invalid_event_name);
  open();
  CAF_CHECK_EQUAL(sent(),
                  (strings{"m:name;0;bob", "m:join;0;lobby", "m:waits;0;"}));
  c.keep("join", "attic");
  CAF_CHECK_EQUAL(sent(), strings{"m:join;0;attic"});
  c.forget("name");
  lose();
  pass(500ms);
  open();
  CAF_CHECK_EQUAL(sent(), strings{"m:join;0;attic"});
}

CAF_TEST(a full queue drops messages and tells) {
  auto note_drops = [this](ws_client& x) {
    x.on_drop([this](ws_client&, const dropped_message& what) {
      note(std::string{what.message.payload()}
           + (what.why == drop_reason::full ? " full" : " closed"));
    });
  };
  auto c = make({.max_queue_messages = 2, .max_queue_bytes = 10}, note_drops);
  CAF_CHECK(!c.send_text("123456"));
  CAF_CHECK(!c.send_text("12345"));
  CAF_CHECK(!c.send_text("1"));
  CAF_CHECK(!c.send_text("2"));
  CAF_CHECK_EQUAL(news(), (strings{"12345 full", "2 full"}));
  CAF_CHECK_EQUAL(c.dropped(), 2u);
  c.close();
  CAF_CHECK_EQUAL(news(), (strings{"123456 closed", "1 closed"}));
  CAF_CHECK_EQUAL(c.dropped(), 4u);
}

CAF_TEST(what waits for a slow server is bounded and survives it) {
  auto c = connected({.max_unsent_bytes = 4});
  socket().is_slow = true;
  for (auto text : {"1", "22", "33", "44"})
    CAF_CHECK(!c.send_text(text));
  CAF_CHECK_EQUAL(sent(), strings{"1"});
  CAF_CHECK_EQUAL(c.dropped(), 1u);
  lose();
  pass(500ms);
  open();
  CAF_CHECK_EQUAL(sent(), (strings{"22", "33"}));
}

// -- losses and ends ----------------------------------------------------------

CAF_TEST(a lost connection is told once and replaced) {
  auto c = connected({}, note_ends());
  lose();
  CAF_CHECK(c.state() == client_state::waiting);
  CAF_CHECK(last_end.retry_in <= 500ms);
  pass(500ms);
  CAF_CHECK_EQUAL(sockets.size(), 2u);
  CAF_CHECK(c.state() == client_state::connecting);
  lose();
  CAF_CHECK_EQUAL(news(), strings{"1006 again"});
  pass(1s);
  open();
  CAF_CHECK(c.state() == client_state::open);
  lose();
  CAF_CHECK_EQUAL(news(), strings{"1006 again"});
}

CAF_TEST(reports of an earlier socket are ignored) {
  auto c = connected({}, note_ends());
  auto before = socket().number;
  lose();
  pass(500ms);
  caf::anon_send(c.handle(), actors::client_socket_opened{before, ""});
  caf::anon_send(c.handle(), actors::client_socket_ended{.socket = before});
  run();
  CAF_CHECK(c.state() == client_state::connecting);
}

CAF_TEST(waits grow up to their bound and a lasting connection resets them) {
  auto again = [this](const ws_client_end& x) {
    note(std::to_string(x.attempts));
    return true;
  };
  auto c = make({.again = again, .min_delay = 1s, .max_delay = 4s});
  for (auto bound : {1s, 2s, 4s, 4s}) {
    lose();
    pass(bound);
    CAF_CHECK(c.state() == client_state::connecting);
  }
  open();
  pass(4s);
  lose();
  pass(4s);
  open();
  pass(5s);
  lose();
  CAF_CHECK_EQUAL(news(), (strings{"0", "1", "2", "3", "4", "0"}));
}

CAF_TEST(a final close code is final) {
  auto c = connected({}, note_ends());
  end_with(close_code::policy_violation, "go away");
  CAF_CHECK_EQUAL(news(), strings{"1008 over"});
  CAF_CHECK_EQUAL(last_end.reason, "go away");
  CAF_CHECK(last_end.was_clean);
  CAF_CHECK(c.state() == client_state::closed);
  CAF_CHECK(!is_alive(c));
}

CAF_TEST(a server that restarts gets a pause of five seconds) {
  auto c = connected({}, note_ends());
  end_with(close_code::service_restart);
  CAF_CHECK(last_end.retry_in >= 5s);
  CAF_CHECK(last_end.retry_in <= 30s);
  pass(4s);
  CAF_CHECK_EQUAL(sockets.size(), 1u);
  pass(26s);
  CAF_CHECK_EQUAL(sockets.size(), 2u);
}

CAF_TEST(the program decides whether to connect again) {
  auto again = [](const ws_client_end& x) {
    return x.code == close_code::policy_violation;
  };
  auto c = connected({.again = again}, note_ends());
  end_with(close_code::policy_violation);
  pass(500ms);
  open();
  lose();
  CAF_CHECK_EQUAL(news(), (strings{"1008 again", "1006 over"}));
}

CAF_TEST(without reconnecting the first end is final) {
  auto c = connected({.reconnect = false}, note_ends());
  lose();
  CAF_CHECK_EQUAL(news(), strings{"1006 over"});
}

CAF_TEST(an attempt without an answer fails in time) {
  auto c = make({.connect_timeout = 3s}, note_ends());
  pass(2s);
  CAF_CHECK(!socket().is_dropped);
  pass(1s);
  CAF_CHECK(socket().is_dropped);
  CAF_CHECK_EQUAL(news(), strings{"1006 again"});
  CAF_CHECK_EQUAL(last_end.reason, "no answer in time");
}

CAF_TEST(a program may connect at once) {
  auto c = connected({}, note_ends());
  c.reconnect();
  run();
  CAF_CHECK_EQUAL(news(), strings{"1006 again"});
  CAF_CHECK(sockets[0]->is_dropped);
  CAF_REQUIRE_EQUAL(sockets.size(), 2u);
  CAF_CHECK(c.state() == client_state::connecting);
  open();
  CAF_CHECK(c.state() == client_state::open);
}

// -- closing ------------------------------------------------------------------

CAF_TEST(closing sends what waits and is final) {
  auto c = connected({}, note_ends());
  socket().is_slow = true;
  c.emit("one");
  c.emit("two");
  c.close(close_code::normal, "done");
  c.emit("late");
  CAF_CHECK_EQUAL(sent(), strings{"m:one;0;"});
  CAF_CHECK(c.state() == client_state::closing);
  CAF_CHECK_EQUAL(c.dropped(), 1u);
  finish_write();
  CAF_CHECK_EQUAL(sent(), strings{"m:two;0;"});
  CAF_CHECK(!socket().closed_with);
  finish_write();
  CAF_REQUIRE(socket().closed_with);
  CAF_CHECK(socket().closed_with->first == close_code::normal);
  CAF_CHECK_EQUAL(socket().closed_with->second, "done");
  end_with(close_code::normal);
  CAF_CHECK_EQUAL(news(), strings{"1000 over"});
  CAF_CHECK(!is_alive(c));
  c.reconnect();
  run();
  CAF_CHECK_EQUAL(sockets.size(), 1u);
}

CAF_TEST(closing does not wait forever) {
  auto c = connected({.close_timeout = 2s}, note_ends());
  c.close();
  pass(2s);
  CAF_CHECK_EQUAL(news(), strings{"1006 over"});
  CAF_CHECK(socket().is_dropped);
}

CAF_TEST(closing ends a wait and an attempt) {
  auto c = make({}, note_ends());
  c.close();
  CAF_CHECK_EQUAL(news(), strings{"1000 over"});
  CAF_CHECK(socket().is_dropped);
  auto d = connected({}, note_ends());
  lose();
  d.close();
  CAF_CHECK_EQUAL(news(), (strings{"1006 again", "1000 over"}));
  pass(30s);
  CAF_CHECK_EQUAL(sockets.size(), 2u);
}

CAF_TEST(the last handle closes the client) {
  auto c = std::make_optional(connected({}, note_ends()));
  auto copy = *c;
  c.reset();
  run();
  CAF_CHECK(copy.state() == client_state::open);
  copy = make();
  run();
  CAF_CHECK(sockets[0]->closed_with);
}

CAF_TEST(a client ends with its owner) {
  auto owner = sys.spawn(
    [](caf::event_based_actor*) -> caf::behavior { return {[](int) {}}; });
  auto c = connected({.owner = owner}, note_ends());
  caf::anon_send_exit(owner, caf::exit_reason::user_shutdown);
  run();
  CAF_REQUIRE(socket().closed_with);
  CAF_CHECK(socket().closed_with->first == close_code::going_away);
  pass(1s);
  CAF_CHECK(!is_alive(c));
}

CAF_TEST(an exit message ends a client at once) {
  auto c = connected();
  caf::anon_send_exit(c.handle(), caf::exit_reason::user_shutdown);
  run();
  CAF_CHECK(socket().is_dropped);
  CAF_CHECK(c.state() == client_state::closed);
}

CAF_TEST(states are told) {
  auto c = make({}, [this](ws_client& x) {
    x.on_state([this](ws_client&, client_state now) { note(to_string(now)); });
  });
  open();
  lose();
  pass(500ms);
  c.close();
  CAF_CHECK_EQUAL(news(), (strings{"connecting", "open", "waiting",
                                   "connecting", "closing", "closed"}));
}

CAF_TEST_FIXTURE_SCOPE_END()
