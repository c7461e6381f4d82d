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
    c.request<int>(
      event, x,
      [this](const reply<int>& y) {
        note(y ? std::to_string(*y) : y.why().code);
      },
      timeout);
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

// -- requests of the server ---------------------------------------------------

CAF_TEST(what a handler returns answers a request of the server) {
  auto c = greeted({}, [](ws_client& x) {
    x.on("add", [](const std::vector<int>& xs) { return xs.at(0) + xs.at(1); });
    x.on("no", [](ws_client&) { return refuse("busy", "later", 2s); });
    x.on("done", [] {});
  });
  say("q7;;add;4;[1,2]");
  say("q8;;no;0;");
  say("q9;;done;0;");
  CAF_CHECK_EQUAL(
    sent(), (strings{"a7;1;3", R"(x8;busy;4;{"after":2000,"message":"later"})",
                     "a9;0;"}));
}

CAF_TEST(a request of the server that no handler answers is refused) {
  auto c = greeted({}, [](ws_client& x) {
    x.on("add", [](int) { return 1; });
    x.on("throw", []() -> int { throw std::runtime_error{"no"}; });
    x.on_error([](ws_client&, const caf::error&) {});
  });
  say("q1;;sub;1;1");
  say("q2;;add;0;text");
  say("q3;;throw;0;");
  say("q4;#tea;add;1;1");
  CAF_CHECK_EQUAL(sent(), (strings{"x1;no_handler;0;", "x2;invalid;0;",
                                   "x3;failed;0;", "x4;no_handler;0;"}));
}

CAF_TEST(an answer follows what its handler has sent) {
  auto c = greeted({}, [](ws_client& x) {
    x.on("add", [](ws_client& me) {
      me.emit("first");
      return 1;
    });
  });
  say("q7;;add;0;");
  CAF_CHECK_EQUAL(sent(), (strings{"e;first;0;", "a7;1;1"}));
}

CAF_TEST(a handler of a client answers later and only the connection that asks) {
  responder<int> later;
  auto c = greeted({}, [&](ws_client& x) {
    x.on("add", [&](responder<int> y) { later = y; });
  });
  say("q7;;add;0;");
  CAF_CHECK_EQUAL(sent(), strings{});
  later.answer(1);
  later.answer(2);
  CAF_CHECK_EQUAL(sent(), strings{"a7;1;1"});
  say("q8;;add;0;");
  later = {};
  CAF_CHECK_EQUAL(sent(),
                  strings{"x8;no_answer;0;the request was not answered"});
  say("q9;;add;0;");
  lose();
  pass(500ms);
  open("troupe.2");
  say(R"(h{"v":2})");
  later.answer(3);
  CAF_CHECK_EQUAL(sent(), strings{R"(h{"v":2})"});
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
  refusal error;
  c.request<void>("x", 1, [&](const reply<void>& x) { error = x.why(); });
  run();
  say(R"(x1;busy;4;{"message":"later","after":1500})");
  CAF_CHECK_EQUAL(error.code, "busy");
  CAF_CHECK_EQUAL(error.message, "later");
  CAF_CHECK(error.retry_after == 1500ms);
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

CAF_TEST(what the server does not take is not sent) {
  auto c = greeting({}, [this](ws_client& x) {
    x.on_drop([this](ws_client&, const dropped_message& m) {
      note(m.why == drop_reason::too_big ? "too big" : "another reason");
    });
  });
  say(R"(h{"v":2,"limits":{"message":20}})");
  sent();
  c.emit("text", "a long text that is longer");
  c.request<void>("text", "a long text that is longer",
                  [this](const reply<void>& x) { note(x.why().code); });
  c.emit("text", "short");
  CAF_CHECK_EQUAL(sent(), strings{"e;text;0;short"});
  CAF_CHECK_EQUAL(news(), (strings{"too big", "too_big"}));
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

CAF_TEST(requests that are answered leave no timers behind) {
  auto c = greeted();
  auto before = sched.clock().schedule().size();
  for (auto i = 1; i <= 100; ++i) {
    ask(c, "double", i, 1h);
    say("a" + std::to_string(i) + ";1;2");
  }
  CAF_CHECK_EQUAL(notes.size(), 100u);
  CAF_CHECK_LESS_OR_EQUAL(sched.clock().schedule().size(), before + 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
