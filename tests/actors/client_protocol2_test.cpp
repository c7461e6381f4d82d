#define CAF_SUITE actors.client_protocol2

#include "actors/client/client_protocol2.hpp"

#include "support/client_fixture.hpp"
#include "support/contains.hpp"

using namespace troupe;
using namespace std::chrono_literals;

using troupe::test::strings;

namespace {

struct fixture : test::client_fixture {
  /// Creates a client that offers version 2; the server has not answered its
  /// hello.
  ws_client greeting(ws_client_options options = {}, const setup& f = {}) {
    options.protocol = 2;
    auto result = make(std::move(options), f);
    open("troupe.2");
    return result;
  }

  /// Creates a client that is open.
  ws_client greeted(ws_client_options options = {}, const setup& f = {}) {
    auto result = greeting(std::move(options), f);
    say(R"(h{"v":2,"id":"a","beat":25000})");
    sent();
    return result;
  }

  /// Sends a request and notes its outcome.
  void ask(ws_client& c, const std::string& event, int x,
           caf::timespan timeout = 10s) {
    c.request<int>(event, x).then(
      [this](int y) { note(std::to_string(y)); },
      [this](const request_error& e) { note(e.code); }, timeout);
    run();
  }

  /// Returns a setup that notes ends.
  setup note_ends() {
    return [this](ws_client& c) {
      c.on_disconnect([this](ws_client&, const ws_client_end& x) {
        last_end = x;
        note(x.is_over ? "over" : "again");
      });
    };
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(client_protocol2_tests, fixture)

// -- hello --------------------------------------------------------------------

CAF_TEST(the client is open when the server has answered its hello) {
  auto auth = [] { return nlohmann::json{{"token", "t"}}; };
  auto c = greeting({.auth = auth});
  c.emit("early", 1);
  CAF_CHECK_EQUAL(sent(), strings{R"(h{"auth":{"token":"t"},"v":2})"});
  CAF_CHECK(c.state() == client_state::connecting);
  say(R"(h{"v":2,"id":"a","unknown":[]})");
  CAF_CHECK(c.state() == client_state::open);
  CAF_CHECK_EQUAL(sent(), strings{"e;early;1;1"});
}

CAF_TEST(a client without credentials sends none) {
  auto c = greeting();
  CAF_CHECK_EQUAL(sent(), strings{R"(h{"v":2})"});
}

CAF_TEST(a server without version 2 fails the attempt) {
  auto c = make({.protocol = 2}, note_ends());
  open("");
  CAF_CHECK_EQUAL(news(), strings{"again"});
  CAF_CHECK(socket().is_dropped);
}

CAF_TEST(a refused client is told why and does not return) {
  auto c = greeting({}, [this](ws_client& x) {
    note_ends()(x);
    x.on_error([this](ws_client&, const caf::error& err) { note(what(err)); });
  });
  say("x0;refused;0;who are you?");
  say(R"(s{"again":false,"why":"refused"})");
  end_with(close_code::policy_violation);
  auto xs = news();
  CAF_REQUIRE_EQUAL(xs.size(), 2u);
  CAF_CHECK(test::contains(xs[0], "refused: who are you?"));
  CAF_CHECK_EQUAL(xs[1], "over");
  CAF_CHECK_EQUAL(last_end.why, "refused");
}

CAF_TEST(an invalid hello ends the client) {
  auto c = greeting({}, note_ends());
  say("h[]");
  CAF_CHECK_EQUAL(news(), strings{"over"});
  CAF_CHECK(last_end.code == close_code::protocol_error);
}

CAF_TEST(the client renews its right before it ends) {
  auto n = 0;
  auto c = greeting({.auth = [&n] { return nlohmann::json(++n); }});
  say(R"(h{"v":2,"until":10000})");
  CAF_CHECK_EQUAL(sent(), strings{R"(h{"auth":1,"v":2})"});
  pass(7s);
  CAF_CHECK_EQUAL(sent(), strings{});
  pass(1s);
  CAF_CHECK_EQUAL(sent(), strings{R"(h{"auth":2,"v":2})"});
  say(R"(h{"v":2,"until":20000})");
  CAF_CHECK(c.state() == client_state::open);
  pass(16s);
  CAF_CHECK_EQUAL(sent(), strings{R"(h{"auth":3,"v":2})"});
}

// -- messages -----------------------------------------------------------------

CAF_TEST(events and raw messages have no prefix) {
  auto c = greeted({}, [this](ws_client& x) {
    x.on("said", [this](const std::string& text) { note(text); });
    x.on_message(
      [this](std::string_view text) { note("raw " + std::string{text}); });
  });
  say("e;said;0;a;b");
  say("rm:said;0;c");
  say("zunknown");
  CAF_CHECK_EQUAL(news(), (strings{"a;b", "raw m:said;0;c"}));
  c.emit("say", "d");
  CAF_CHECK(!c.send_text("e"));
  CAF_CHECK_EQUAL(sent(), (strings{"e;say;0;d", "re"}));
}

CAF_TEST(requests of the server have no handler) {
  auto c = greeted();
  say("q7;;add;4;[1,2]");
  auto xs = sent();
  CAF_REQUIRE_EQUAL(xs.size(), 1u);
  CAF_CHECK(xs[0].starts_with("x7;no_handler;0;"));
}

// -- requests -----------------------------------------------------------------

CAF_TEST(a request has one outcome) {
  auto c = greeted();
  ask(c, "double", 1);
  ask(c, "double", 2);
  CAF_CHECK_EQUAL(sent(), (strings{"q1;;double;1;1", "q2;;double;1;2"}));
  say("a2;1;4");
  say("x1;too_odd;0;no");
  say("a1;1;2");
  say("a9;1;2");
  CAF_CHECK_EQUAL(news(), (strings{"4", "too_odd"}));
  pass(20s);
  CAF_CHECK_EQUAL(news(), strings{});
}

CAF_TEST(an error may have details) {
  auto c = greeted();
  request_error error;
  c.request<void>("x").then([] {}, [&](const request_error& e) { error = e; });
  run();
  say(R"(x1;busy;4;{"message":"later","after":1500})");
  CAF_CHECK_EQUAL(error.code, "busy");
  CAF_CHECK_EQUAL(error.message, "later");
  CAF_CHECK(error.after == 1500ms);
}

CAF_TEST(an answer of another type is invalid) {
  auto c = greeted();
  ask(c, "double", 1);
  say("a1;0;two");
  CAF_CHECK_EQUAL(news(), strings{"invalid"});
}

CAF_TEST(a request without an answer times out) {
  auto c = greeted();
  ask(c, "double", 1, 3s);
  pass(2s);
  CAF_CHECK_EQUAL(news(), strings{});
  pass(1s);
  CAF_CHECK_EQUAL(news(), strings{"timeout"});
}

CAF_TEST(a request that timed out while it waited is not sent) {
  auto c = make({.protocol = 2, .connect_timeout = 1min});
  ask(c, "double", 1, 3s);
  ask(c, "double", 2, 30s);
  pass(3s);
  CAF_CHECK_EQUAL(news(), strings{"timeout"});
  open("troupe.2");
  say(R"(h{"v":2})");
  CAF_CHECK_EQUAL(sent(), (strings{R"(h{"v":2})", "q2;;double;1;2"}));
}

CAF_TEST(the outcome of a request that was sent is unknown after a loss) {
  auto c = greeted({}, note_ends());
  socket().is_slow = true;
  ask(c, "double", 1);
  ask(c, "double", 2);
  lose();
  CAF_CHECK_EQUAL(news(), (strings{"unknown_outcome", "again"}));
  pass(500ms);
  open("troupe.2");
  say(R"(h{"v":2})");
  CAF_CHECK_EQUAL(sent(), (strings{R"(h{"v":2})", "q2;;double;1;2"}));
  say("a2;1;4");
  CAF_CHECK_EQUAL(news(), strings{"4"});
}

CAF_TEST(a request to a client that has ended is gone) {
  auto c = make({.protocol = 2});
  ask(c, "double", 1);
  c.close();
  CAF_CHECK_EQUAL(news(), strings{"gone"});
  ask(c, "double", 2);
  CAF_CHECK_EQUAL(news(), strings{"gone"});
  auto d = greeted();
  ask(d, "double", 3);
  caf::anon_send_exit(d.handle(), caf::exit_reason::kill);
  CAF_CHECK_EQUAL(news(), strings{"unknown_outcome"});
}

CAF_TEST(requests are bounded) {
  auto c = greeted();
  for (auto i = 0; i < 1024; ++i)
    ask(c, "double", i);
  CAF_CHECK_EQUAL(news(), strings{});
  ask(c, "double", 1);
  CAF_CHECK_EQUAL(news(), strings{"busy"});
}

CAF_TEST(a request that cannot be sent is malformed) {
  auto c = greeted();
  ask(c, "a;b", 1);
  CAF_CHECK_EQUAL(news(), strings{"malformed"});
  CAF_CHECK_EQUAL(sent(), strings{});
}

CAF_TEST(version 1 has no requests) {
  auto c = connected();
  ask(c, "double", 1);
  CAF_CHECK_EQUAL(news(), strings{"unavailable"});
}

CAF_TEST(an actor asks and is answered in its own turn) {
  auto c = greeted();
  sys.spawn([this, c](caf::event_based_actor* who) {
    c.request<int>("double", 1)
      .then(
        *who,
        [this, who](int x) {
          note(std::to_string(x) + ' ' + std::to_string(who->id() > 0));
        },
        [this](const request_error& e) { note(e.code); });
    c.request<int>("double", 2)
      .then(
        *who, [](int) {}, [this](const request_error& e) { note(e.code); });
  });
  run();
  say("a1;1;2");
  say("x2;refused;0;");
  CAF_CHECK_EQUAL(news(), (strings{"2 1", "refused"}));
}

// -- signs of life ------------------------------------------------------------

CAF_TEST(a server that is silent is lost) {
  auto c = greeted({}, note_ends()); // a beat in 25 s
  pass(30s);
  say(".");
  pass(34s);
  CAF_CHECK_EQUAL(news(), strings{});
  pass(1s);
  CAF_CHECK_EQUAL(news(), strings{"again"});
  CAF_CHECK_EQUAL(last_end.reason, "no sign of life in time");
}

CAF_TEST(a client that was held up itself asks for a sign of life) {
  auto c = greeted({}, note_ends());
  pass(1h);
  CAF_CHECK_EQUAL(sent(), strings{"?"});
  pass(4s);
  say(".");
  pass(30s);
  CAF_CHECK_EQUAL(news(), strings{});
  pass(1h);
  CAF_CHECK_EQUAL(sent(), strings{"?"});
  pass(5s);
  CAF_CHECK_EQUAL(news(), strings{"again"});
}

// -- advice -------------------------------------------------------------------

CAF_TEST(the advice of a server replaces what its close code means) {
  auto c = greeted({.min_delay = 1ms}, note_ends());
  say(R"(s{"again":true,"after":3000,"window":2000,"why":"expired"})");
  end_with(close_code::policy_violation);
  CAF_CHECK_EQUAL(news(), strings{"again"});
  CAF_CHECK_EQUAL(last_end.why, "expired");
  CAF_CHECK(last_end.retry_in >= 3s);
  CAF_CHECK(last_end.retry_in <= 5s);
  pass(5s);
  open("troupe.2");
  say(R"(h{"v":2})");
  say(R"(s{"again":false,"why":"closed"})");
  lose();
  CAF_CHECK_EQUAL(news(), strings{"over"});
}

CAF_TEST(an old advice is no advice for the next connection) {
  auto c = greeted({}, note_ends());
  say(R"(s{"again":true,"after":3000})");
  lose();
  pass(4s);
  open("troupe.2");
  say(R"(h{"v":2})");
  lose();
  CAF_CHECK(last_end.retry_in <= 1s);
}

CAF_TEST_FIXTURE_SCOPE_END()
