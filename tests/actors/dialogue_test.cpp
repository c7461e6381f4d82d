#define CAF_SUITE actors.dialogue

#include "actors/dialogue.hpp"

#include "support/protocol2_fixture.hpp"

#include <optional>
#include <stdexcept>

using namespace std::chrono_literals;
using namespace troupe;
using nlohmann::json;
using test::strings;

namespace {

struct fixture : test::protocol2_fixture {
  /// Does the same as `say`, without letting time pass.
  void say_now(test::fake_client& who, const std::string& message) {
    who.say(message);
    consume_messages();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(dialogue_tests, fixture)

// -- hello --------------------------------------------------------------------

CAF_TEST(a connection exists from its hello on) {
  connect_with([this](connection& c) { note("welcome " + c.id()); }, "bob");
  notes.clear();
  server.core->add([this](connection& c) { note("welcome " + c.id()); });
  auto alice = server.connect("alice", "troupe.2");
  run();
  CAF_CHECK_EQUAL(notes, strings{});
  CAF_CHECK_EQUAL(connection_count(), 1u);
  CAF_CHECK_EQUAL(alice.socket->credit(), 1u);
  say(alice, hello);
  CAF_CHECK_EQUAL(notes, strings{"welcome alice"});
  CAF_CHECK_EQUAL(connection_count(), 2u);
  auto answer = heard(alice);
  CAF_REQUIRE_EQUAL(answer.size(), 1u);
  auto content = json::parse(answer[0].substr(1));
  CAF_CHECK_EQUAL(answer[0][0], 'h');
  CAF_CHECK_EQUAL(content["v"], 2);
  CAF_CHECK_EQUAL(content["id"], "alice");
  CAF_CHECK_EQUAL(content["beat"], 25000);
  CAF_CHECK_EQUAL(content["limits"]["message"], 65536);
  CAF_CHECK_EQUAL(content["limits"]["requests"], 64);
  CAF_CHECK_EQUAL(content["limits"]["rooms"], 128);
}

CAF_TEST(the hello goes before everything else) {
  server.core->add([](connection& c) { c.emit("welcome"); });
  auto alice = server.connect("alice", "troupe.2");
  say(alice, hello);
  auto all = heard(alice);
  CAF_REQUIRE_EQUAL(all.size(), 2u);
  CAF_CHECK_EQUAL(all[0][0], 'h');
  CAF_CHECK_EQUAL(all[1], "e;welcome;0;");
}

CAF_TEST(anything but a hello ends the connection before it exists) {
  for (auto first : {"e;first;1;1", "h", "h{}", "h[2]", R"(h{"v":1})",
                     R"(h{"v":"2"})", "m:first;1;1", "", "."}) {
    auto alice = server.connect("alice", "troupe.2");
    run();
    say(alice, first);
    CAF_CHECK(alice.socket->closed());
    CAF_CHECK(alice.socket->code() == close_code::protocol_error);
    CAF_CHECK_EQUAL(connection_count(), 0u);
  }
}

CAF_TEST(a client that goes before its hello leaves nothing behind) {
  auto alice = server.connect("alice", "troupe.2");
  run();
  alice.hang_up();
  run();
  CAF_CHECK_EQUAL(connection_count(), 0u);
  auto again = meet("alice");
  CAF_CHECK_EQUAL(connection_count(), 1u);
}

CAF_TEST(without version 2 the subprotocol belongs to the program) {
  server.core->settings.enable_protocol_2 = false;
  auto alice = server.connect("alice", "troupe.2");
  run();
  CAF_CHECK_EQUAL(connection_count(), 1u);
  say(alice, "m:join;0;tea");
  CAF_CHECK_EQUAL(room_size("tea"), 1u);
}

// -- events and raw messages --------------------------------------------------

CAF_TEST(events and raw messages reach the handlers of version 1) {
  auto alice = meet("alice", [this](connection& c) {
    c.on("say", [this](connection& me, const std::string& x) {
      note(x);
      me.emit("said", x);
    });
    c.on_message([this](connection& me, const frame& x) {
      note((x.is_binary() ? "binary " : "text ") + std::string{x.payload()});
      me.send(x);
    });
  });
  CAF_CHECK_EQUAL(after(alice, "e;say;0;a;b"), strings{"e;said;0;a;b"});
  // What the handler sends back is an event in version 1.
  CAF_CHECK_EQUAL(after(alice, "rm:say;0;x"), strings{"e;say;0;x"});
  CAF_CHECK_EQUAL(after(alice, "r\xff"), strings{"r\xff"});
  CAF_CHECK_EQUAL(notes, (strings{"a;b", "text m:say;0;x", "binary \xff"}));
}

CAF_TEST(a room speaks both versions and shares the bytes of each) {
  auto anna = member("anna", "tea;%");
  auto ben = meet("ben", [](connection& c) { c.join("tea;%"); });
  auto cleo = meet("cleo", [](connection& c) { c.join("tea;%"); });
  heard(anna);
  heard(ben);
  heard(cleo);
  auto dora = connect_with(
    [](connection& c) {
      c.on("pour", [](connection& me, int x) {
        me.to_room("tea;%").emit("cup", x);
        me.to_room("tea;%").send(frame::text("raw"));
        me.to(all).emit("done");
      });
    },
    "dora");
  say(dora, "m:pour;1;3");
  auto version_2 = strings{"e#tea%3B%25;cup;1;3", "rraw", "e;done;0;"};
  CAF_CHECK_EQUAL(heard(anna), (strings{"m:cup;1;3", "raw", "m:done;0;"}));
  CAF_CHECK_EQUAL(heard(ben), version_2);
  CAF_CHECK_EQUAL(heard(cleo), version_2);
  CAF_CHECK(ben.socket->blocks() == cleo.socket->blocks());
}

CAF_TEST(a sender of version 2 is skipped like any other) {
  server.core->rooms.add("tea", {.clients_publish = true});
  auto join = [](connection& c) {
    c.join("tea");
    c.on("say", [](connection& me, const std::string& x) {
      me.to(recipient::room("tea").except_sender()).emit("said", x);
    });
  };
  auto anna = meet("anna", join);
  auto ben = meet("ben", join);
  heard(anna);
  heard(ben);
  anna.say("e;say;0;1");
  ben.say("e;say;0;2");
  run();
  CAF_CHECK_EQUAL(heard(anna), strings{"e#tea;said;0;2"});
  CAF_CHECK_EQUAL(heard(ben), strings{"e#tea;said;0;1"});
}

CAF_TEST(what is unknown or malformed is counted and ignored) {
  auto alice = meet("alice");
  CAF_CHECK_EQUAL(after(alice, "ofuture"), strings{});
  CAF_CHECK_EQUAL(after(alice, ""), strings{});
  CAF_CHECK_EQUAL(after(alice, "e;x"), strings{});
  CAF_CHECK_EQUAL(after(alice, "q12;;x"),
                  strings{"x12;malformed;0;the message matches no rule"});
  CAF_CHECK_EQUAL(after(alice, "s{}"), strings{});
  CAF_CHECK_EQUAL(after(alice, "?"), strings{"."});
  CAF_CHECK(!alice.socket->closed());
  CAF_CHECK_GREATER_OR_EQUAL(server.core->stats.unknown_events.load(), 1u);
  CAF_CHECK_GREATER_OR_EQUAL(server.core->stats.malformed_events.load(), 2u);
}

// -- requests of the client ---------------------------------------------------

CAF_TEST(the result of a handler is the answer) {
  auto alice = meet("alice", [](connection& c) {
    c.on("add", [](const std::vector<int>& xs) { return xs.at(0) + xs.at(1); });
    c.on("find", [](connection&, const std::string& x) -> reply<std::string> {
      if (x.empty())
        return refuse("empty", "find what?");
      if (x == "later")
        return refuse("busy", "come again", 1500ms);
      return "found " + x;
    });
    c.on("done", [] {});
    c.on("throw", []() -> int { throw std::runtime_error{"as asked"}; });
  });
  CAF_CHECK_EQUAL(after(alice, "q1;;add;4;[1,2]"), strings{"a1;1;3"});
  CAF_CHECK_EQUAL(after(alice, "q2;;find;0;tea"), strings{"a2;0;found tea"});
  CAF_CHECK_EQUAL(after(alice, "q3;;find;0;"),
                  strings{"x3;empty;0;find what?"});
  CAF_CHECK_EQUAL(
    after(alice, "q4;;find;0;later"),
    strings{R"(x4;busy;4;{"after":1500,"message":"come again"})"});
  CAF_CHECK_EQUAL(after(alice, "q5;;done;0;"), strings{"a5;0;"});
  CAF_CHECK_EQUAL(after(alice, "q6;;nobody;0;"), strings{"x6;no_handler;0;"});
  CAF_CHECK_EQUAL(after(alice, "q7;;add;0;x"), strings{"x7;invalid;0;"});
  CAF_CHECK_EQUAL(after(alice, "q8;;throw;0;"), strings{"x8;failed;0;"});
  CAF_CHECK_EQUAL(after(alice, "q9;#tea;add;4;[1,2]"),
                  strings{"x9;no_handler;0;the room answers no requests"});
}

CAF_TEST(an answer follows what the handler has sent before) {
  auto alice = meet("alice", [](connection& c) {
    c.join("tea");
    c.on("say", [](connection& me, const std::string& x) {
      me.to_room("tea").emit("said", x);
      return true;
    });
  });
  heard(alice);
  CAF_CHECK_EQUAL(after(alice, "q1;;say;0;hi"),
                  (strings{"e#tea;said;0;hi", "a1;2;true"}));
}

CAF_TEST(an answer is sent even if its handler has sent too much) {
  server.core->settings.on_overflow = overflow::drop_newest;
  server.core->settings.max_output_bytes = 1000;
  auto alice = meet("alice", [](connection& c) {
    c.join("tea");
    c.on("flood", [](connection& me) {
      for (auto i = 0; i < 10; ++i)
        me.to_room("tea").emit("drop", std::string(200, 'x'));
      return true;
    });
  });
  heard(alice);
  auto all = after(alice, "q1;;flood;0;");
  CAF_CHECK_GREATER(server.core->stats.output_dropped.load(), 0u);
  CAF_REQUIRE(!all.empty());
  CAF_CHECK_EQUAL(all.back(), "a1;2;true");
}

CAF_TEST(a responder answers later and once) {
  std::optional<responder<int>> held;
  auto alice = meet("alice", [&](connection& c) {
    c.on("wait", [&](responder<int> r) { held = r; });
    c.on("both", [](responder<int> r) {
      r.answer(1);
      r.answer(2);
    });
  });
  CAF_CHECK_EQUAL(after(alice, "q1;;wait;0;"), strings{});
  held->answer(7);
  held->answer(8);
  run();
  CAF_CHECK_EQUAL(heard(alice), strings{"a1;1;7"});
  CAF_CHECK_EQUAL(after(alice, "q2;;both;0;"), strings{"a2;1;1"});
  say(alice, "q3;;wait;0;");
  held.reset();
  run();
  CAF_CHECK_EQUAL(heard(alice),
                  strings{"x3;no_answer;0;the request was not answered"});
}

CAF_TEST(a responder outlives its connection) {
  std::optional<responder<int>> held;
  auto alice = meet("alice", [&](connection& c) {
    c.on("wait", [&](responder<int> r) { held = r; });
  });
  say(alice, "q1;;wait;0;");
  CAF_CHECK(!held->is_gone());
  alice.hang_up();
  run();
  CAF_CHECK(held->is_gone());
  held->answer(1);
  run();
}

CAF_TEST(requests beyond the limit are busy and use up no place) {
  server.core->settings.max_requests = 2;
  std::vector<responder<int>> held;
  auto alice = meet("alice", [&](connection& c) {
    c.on("wait", [&](responder<int> r) { held.push_back(r); });
  });
  for (auto id : {"1", "2"})
    CAF_CHECK_EQUAL(after(alice, std::string{"q"} + id + ";;wait;0;"),
                    strings{});
  CAF_CHECK_EQUAL(after(alice, "q3;;wait;0;"),
                  strings{"x3;busy;0;too many requests in flight"});
  held[0].answer(1);
  run();
  CAF_CHECK_EQUAL(heard(alice), strings{"a1;1;1"});
  CAF_CHECK_EQUAL(after(alice, "q4;;wait;0;"), strings{});
  CAF_CHECK_EQUAL(held.size(), 3u);
}

// -- requests to the client ---------------------------------------------------

CAF_TEST(the server asks and gets one outcome for each request) {
  connection* c = nullptr;
  auto note_outcome = [this](const reply<int>& x) {
    note(x ? std::to_string(*x) : x.why().code + " " + x.why().message);
  };
  auto alice = meet("alice", [&](connection& me) {
    me.on("go", [&](connection& here) {
      c = &here;
      here.request<int>("pick", "card", note_outcome, 5s);
    });
  });
  say_now(alice, "e;go;0;");
  CAF_CHECK_EQUAL(heard(alice), strings{"q1;;pick;0;card"});
  say_now(alice, "a1;1;42");
  say_now(alice, "a1;1;43"); // It was answered already.
  CAF_CHECK_EQUAL(notes, strings{"42"});
  say_now(alice, "e;go;0;");
  say_now(alice, "x2;refused;0;not now");
  say_now(alice, "e;go;0;");
  say_now(alice, "a3;0;no number");
  say_now(alice, "e;go;0;");
  advance_time(5s);
  consume_messages();
  say_now(alice, "a4;1;1"); // Too late.
  CAF_REQUIRE_EQUAL(notes.size(), 4u);
  CAF_CHECK_EQUAL(notes[1], "refused not now");
  CAF_CHECK(notes[2].starts_with("invalid "));
  CAF_CHECK_EQUAL(notes[3], "timeout ");
  say_now(alice, "e;go;0;");
  alice.hang_up();
  consume_messages();
  CAF_REQUIRE_EQUAL(notes.size(), 5u);
  CAF_CHECK_EQUAL(notes[4], "unknown_outcome ");
}

CAF_TEST(the text of a refusal is UTF-8) {
  auto alice = meet("alice", [this](connection& c) {
    c.on("go", [this](connection& me) {
      me.request<int>("pick", 1, [this](const reply<int>& x) {
        note(x ? "answer" : x.why().code + ":" + x.why().message);
      });
    });
  });
  for (auto answer : {"x1;no;0;\xff", "x2;no;0;later"}) {
    say_now(alice, "e;go;0;");
    say_now(alice, answer);
  }
  CAF_CHECK_EQUAL(notes, (strings{"no:", "no:later"}));
}

CAF_TEST(requests to a client are bounded and need version 2) {
  server.core->settings.max_requests = 1;
  auto ask = [this](connection& c) {
    c.on("go", [this](connection& me) {
      for (auto i = 0; i < 2; ++i)
        me.request<int>("pick", i, [this](connection&, const reply<int>& x) {
          note(x ? "answer" : x.why().code);
        });
    });
  };
  auto alice = meet("alice", ask);
  say_now(alice, "e;go;0;");
  CAF_CHECK_EQUAL(heard(alice), strings{"q1;;pick;1;0"});
  CAF_CHECK_EQUAL(notes, strings{"busy"});
  auto bob = connect_with(ask, "bob");
  notes.clear();
  say_now(bob, "m:go;0;");
  CAF_CHECK_EQUAL(notes, (strings{"no_handler", "no_handler"}));
}

CAF_TEST(an exception of a handler of answers ends nothing else) {
  auto bob = connect_with(
    [this](connection& c) {
      c.on("go", [this](connection& me) {
        me.request<int>("pick", 1, [](const reply<int>&) {
          throw std::runtime_error{"as asked"};
        });
        note("went on");
      });
    },
    "bob");
  say(bob, "m:go;0;");
  CAF_CHECK_EQUAL(notes, strings{"went on"});
  CAF_CHECK_EQUAL(server.core->stats.handler_failures.load(), 1u);
}

CAF_TEST(a request may wait for a very long time) {
  auto alice = meet("alice", [this](connection& c) {
    c.on("go", [this](connection& me) {
      me.request<int>(
        "pick", 1,
        [this](connection&, const reply<int>& x) {
          note(x ? "answered" : x.why().code);
        },
        caf::timespan::max());
    });
  });
  say_now(alice, "e;go;0;");
  advance_time(24h);
  consume_messages();
  CAF_CHECK_EQUAL(notes, strings{});
  say_now(alice, "a1;1;1");
  CAF_CHECK_EQUAL(notes, strings{"answered"});
}

CAF_TEST(each request to a client has a time of its own) {
  auto alice = meet("alice", [this](connection& c) {
    c.on("go", [this](connection& me, int seconds) {
      me.request<int>(
        "pick", seconds,
        [this, seconds](connection&, const reply<int>& x) {
          note(std::to_string(seconds) + ' ' + x.why().code);
        },
        std::chrono::seconds{seconds});
    });
  });
  for (auto x : {"e;go;1;3", "e;go;1;1", "e;go;1;2"})
    say_now(alice, x);
  for (auto i = 1u; i <= 3; ++i) {
    CAF_CHECK_EQUAL(notes.size(), i - 1);
    advance_time(1s);
    consume_messages();
  }
  CAF_CHECK_EQUAL(notes, (strings{"1 timeout", "2 timeout", "3 timeout"}));
}

CAF_TEST(requests that are answered leave no timers behind) {
  auto alice = meet("alice", [](connection& c) {
    c.on("go", [](connection& me) {
      me.request<int>(
        "pick", 1, [](connection&, const reply<int>&) {}, 1h);
    });
  });
  auto before = sched.clock().schedule().size();
  for (auto i = 1; i <= 100; ++i) {
    say_now(alice, "e;go;0;");
    say_now(alice, "a" + std::to_string(i) + ";1;1");
  }
  CAF_CHECK_LESS_OR_EQUAL(sched.clock().schedule().size(), before + 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
