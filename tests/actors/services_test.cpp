#define CAF_SUITE actors.services

#include "actors/service_actor.hpp"

#include "support/fixture.hpp"
#include "troupe/cluster.hpp"

#include <map>
#include <optional>
#include <stdexcept>

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace troupe;
using nlohmann::json;
using test::strings;

namespace {

struct fixture : test::fixture {
  ~fixture() {
    // They hold actors, which have to end before the actor system.
    server.core->services.clear();
    server.core->set_directory(nullptr);
  }

  /// Connects a client of version 2.
  test::fake_client meet(std::string id, troupe::request req = {}) {
    auto res = server.connect(std::move(id), "troupe.2",
                              actors::reading::at_once, std::move(req));
    settle();
    after(res, R"(h{"v":2})");
    return res;
  }

  /// Handles all messages; `run` would also trigger all time limits.
  void settle() {
    consume_messages();
  }

  void say(test::fake_client& who, const std::string& message) {
    who.say(message);
    settle();
  }

  /// Returns what the client receives after `message`.
  strings after(test::fake_client& who, const std::string& message) {
    say(who, message);
    return heard(who);
  }

  template <class F>
  void serve(std::string event, F f) {
    server.core->services.add(std::move(event), make_event_handler(f));
  }

  void serve_by(std::string event, actors::service_provider who) {
    server.core->services.add(std::move(event),
                              actors::make_service(std::move(who), {5s}));
  }

  /// Spawns an actor that promises all answers. `keep_promise` makes it answer.
  caf::actor spawn_slow() {
    return sys.spawn([this](caf::event_based_actor* me) -> caf::behavior {
      return {
        [this, me](const msg::question& q) {
          note(q.event + " from " + q.client);
          promises.push_back(me->make_response_promise());
          return promises.back();
        },
        [this](uint64_t number, const msg::answer& x) {
          promises.at(number).deliver(x);
        },
      };
    });
  }

  /// Makes `who` answer the question with this number.
  template <class T>
  void keep_promise(const caf::actor& who, uint64_t number, const T& x) {
    caf::anon_send(who, number, answer_with(x));
    settle();
  }

  /// Lets `server` find actors by their names in `names`.
  void join_cluster() {
    server.core->set_directory(
      sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
        return {[this](const find_actor& x) -> caf::result<caf::actor> {
          auto i = names.find(x.name);
          if (i == names.end())
            return make_error(errc::no_such_name, x.name);
          return i->second;
        }};
      }));
  }

  static void kill(const caf::actor& x) {
    caf::anon_send_exit(x, caf::exit_reason::kill);
  }

  std::vector<caf::response_promise> promises;
  std::map<std::string, caf::actor> names;
};

/// Answers in the way that the client asks for.
caf::behavior obedient() {
  return {
    [](const msg::question& q) -> caf::result<msg::answer> {
      if (q.event == "add") {
        auto xs = q.value<std::vector<int>>();
        if (!xs)
          return refuse_with(refuse("invalid", what(xs.error())));
        return answer_with(xs->at(0) + xs->at(1));
      }
      if (q.payload == "who")
        return answer_with(json{{"client", q.client}, {"user", q.user}});
      if (q.payload == "refuse")
        return refuse_with(refuse("full", "come again", 1500ms));
      if (q.payload == "error")
        return make_error(errc::application_error, "a secret");
      if (q.payload == "no text")
        return answer_with("\xff"s + "");
      if (q.payload == "no json")
        return answer_with(json{"\xff"});
      if (q.payload == "no tag")
        return msg::answer{static_cast<type_tag>('9'), ""};
      return answer_with();
    },
  };
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(services_tests, fixture)

// -- functions ----------------------------------------------------------------

CAF_TEST(a function serves the events that have no handler) {
  server.core->add([this](connection& c) {
    if (c.id() == "alice")
      c.on("greet", [](const std::string& x) { return "my " + x; });
    if (c.id() == "bob")
      c.on("note", [this](const std::string& x) { note("bob's " + x); });
  });
  serve("greet",
        [](connection& c, const std::string& x) { return x + " " + c.id(); });
  serve("note", [this](const std::string& x) { note(x); });
  auto alice = meet("alice");
  auto bob = meet("bob");
  auto carol = connect("carol");
  CAF_CHECK_EQUAL(after(alice, "q1;;greet;0;hi"), strings{"a1;0;my hi"});
  CAF_CHECK_EQUAL(after(bob, "q1;;greet;0;hi"), strings{"a1;0;hi bob"});
  say(alice, "e;note;0;1");
  say(bob, "e;note;0;2");
  say(carol, "m:note;0;3"); // Version 1.
  CAF_CHECK_EQUAL(notes, (strings{"1", "bob's 2", "3"}));
  CAF_CHECK_EQUAL(server.core->stats.unknown_events.load(), 0u);
  CAF_CHECK_EQUAL(after(bob, "q2;;other;0;"), strings{"x2;no_handler;0;"});
  CAF_CHECK_EQUAL(server.core->stats.unknown_events.load(), 1u);
}

CAF_TEST(functions answer and fail as handlers do) {
  std::optional<responder<int>> held;
  serve("add", [](const std::vector<int>& xs) { return xs.at(0) + xs.at(1); });
  serve("done", [] {});
  serve("wait", [&](responder<int> r) { held = r; });
  serve("throw", []() -> int { throw std::runtime_error{"as asked"}; });
  auto alice = meet("alice");
  CAF_CHECK_EQUAL(after(alice, "q1;;add;4;[1,2]"), strings{"a1;1;3"});
  CAF_CHECK_EQUAL(after(alice, "q2;;add;0;x"), strings{"x2;invalid;0;"});
  CAF_CHECK_EQUAL(after(alice, "q3;;done;0;"), strings{"a3;0;"});
  CAF_CHECK_EQUAL(after(alice, "q4;;throw;0;"), strings{"x4;failed;0;"});
  CAF_CHECK_EQUAL(server.core->stats.handler_failures.load(), 1u);
  CAF_CHECK_EQUAL(server.core->stats.unfit_values.load(), 1u);
  CAF_CHECK_EQUAL(after(alice, "q5;;wait;0;"), strings{});
  held->answer(7);
  settle();
  CAF_CHECK_EQUAL(heard(alice), strings{"a5;1;7"});
}

CAF_TEST(a later service replaces an earlier one also for old connections) {
  auto alice = meet("alice");
  CAF_CHECK_EQUAL(after(alice, "q1;;n;0;"), strings{"x1;no_handler;0;"});
  serve("n", [] { return 1; });
  CAF_CHECK_EQUAL(after(alice, "q2;;n;0;"), strings{"a2;1;1"});
  auto slow = spawn_slow();
  serve_by("n", slow);
  CAF_CHECK_EQUAL(after(alice, "q3;;n;0;"), strings{});
  serve("n", [] { return 2; });
  CAF_CHECK_EQUAL(after(alice, "q4;;n;0;"), strings{"a4;1;2"});
  keep_promise(slow, 0, 3); // It has been asked before.
  CAF_CHECK_EQUAL(heard(alice), strings{"a3;1;3"});
}

// -- actors -------------------------------------------------------------------

CAF_TEST(an actor answers requests) {
  auto who = sys.spawn(obedient);
  serve_by("add", who);
  serve_by("ask", who);
  auto alice = meet("alice");
  CAF_CHECK_EQUAL(after(alice, "q1;;add;4;[1,2]"), strings{"a1;1;3"});
  auto unfit = after(alice, "q2;;add;0;x");
  CAF_REQUIRE_EQUAL(unfit.size(), 1u);
  CAF_CHECK(unfit[0].starts_with("x2;invalid;0;"));
  CAF_CHECK_EQUAL(after(alice, "q3;;ask;0;who"),
                  strings{R"(a3;4;{"client":"alice","user":""})"});
  CAF_CHECK_EQUAL(after(alice, "q4;;ask;0;"), strings{"a4;0;"});
  CAF_CHECK_EQUAL(after(alice, "q5;;ask;0;no text"), strings{"a5;0;\xff"});
}

CAF_TEST(an actor refuses requests and its errors are not told) {
  serve_by("ask", sys.spawn(obedient));
  serve_by("mute", sys.spawn([]() -> caf::behavior {
    return {[](const msg::question&) { return std::string{"no answer"}; }};
  }));
  auto alice = meet("alice");
  CAF_CHECK_EQUAL(
    after(alice, "q1;;ask;0;refuse"),
    strings{R"(x1;full;4;{"after":1500,"message":"come again"})"});
  CAF_CHECK_EQUAL(after(alice, "q2;;ask;0;error"), strings{"x2;failed;0;"});
  CAF_CHECK_EQUAL(after(alice, "q3;;mute;0;"), strings{"x3;failed;0;"});
  for (auto what : {"no json", "no tag"}) {
    auto answer = after(alice, "q4;;ask;0;"s + what);
    CAF_REQUIRE_EQUAL(answer.size(), 1u);
    CAF_CHECK(answer[0].starts_with("x4;failed;0;the answer has "));
  }
}

CAF_TEST(events are passed on and nothing comes back) {
  serve_by("add", sys.spawn(obedient));
  serve_by("note", spawn_slow());
  auto alice = meet("alice");
  auto bob = connect("bob");
  CAF_CHECK_EQUAL(after(alice, "e;add;4;[1,2]"), strings{});
  CAF_CHECK_EQUAL(after(alice, "e;note;0;x"), strings{});
  CAF_CHECK_EQUAL(after(bob, "m:note;0;x"), strings{});
  CAF_CHECK_EQUAL(notes, (strings{"note from alice", "note from bob"}));
}

CAF_TEST(questions of a client arrive in order and others do not wait) {
  auto slow = spawn_slow();
  serve_by("slow", slow);
  serve("fast", [] { return 1; });
  auto alice = meet("alice");
  alice.say("q1;;slow;0;");
  alice.say("e;slow;0;");
  alice.say("q2;;fast;0;");
  alice.say("q3;;slow;0;");
  settle();
  CAF_CHECK_EQUAL(notes.size(), 3u);
  CAF_CHECK_EQUAL(heard(alice), strings{"a2;1;1"});
  keep_promise(slow, 2, "third");
  keep_promise(slow, 0, "first");
  CAF_CHECK_EQUAL(heard(alice), (strings{"a3;0;third", "a1;0;first"}));
}

// -- actors that do not answer ------------------------------------------------

CAF_TEST(a late answer is ignored) {
  auto slow = spawn_slow();
  serve_by("slow", slow);
  auto alice = meet("alice");
  say(alice, "q1;;slow;0;");
  advance_time(4s);
  settle();
  CAF_CHECK_EQUAL(heard(alice), strings{});
  advance_time(1s);
  settle();
  CAF_CHECK_EQUAL(heard(alice), strings{"x1;timeout;0;"});
  keep_promise(slow, 0, 1);
  CAF_CHECK_EQUAL(heard(alice), strings{});
}

CAF_TEST(an actor that has ended is unavailable) {
  auto who = spawn_slow();
  serve_by("ask", who);
  auto alice = meet("alice");
  kill(who);
  settle();
  CAF_CHECK_EQUAL(after(alice, "q1;;ask;0;"), strings{"x1;unavailable;0;"});
  CAF_CHECK_EQUAL(after(alice, "e;ask;0;"), strings{});
  CAF_CHECK_EQUAL(after(alice, "q2;;ask;0;"), strings{"x2;unavailable;0;"});
}

CAF_TEST(an actor that ends before it answers is unavailable at once) {
  auto who = spawn_slow();
  serve_by("ask", who);
  auto alice = meet("alice");
  auto bob = meet("bob");
  say(alice, "q1;;ask;0;");
  say(bob, "q1;;ask;0;");
  CAF_CHECK_EQUAL(promises.size(), 2u);
  kill(who);
  settle();
  CAF_CHECK_EQUAL(heard(alice), strings{"x1;unavailable;0;"});
  CAF_CHECK_EQUAL(heard(bob), strings{"x1;unavailable;0;"});
  advance_time(5s);
  settle();
  CAF_CHECK_EQUAL(heard(alice), strings{});
}

CAF_TEST(a client that goes leaves its request behind) {
  auto slow = spawn_slow();
  serve_by("slow", slow);
  auto alice = meet("alice");
  say(alice, "q1;;slow;0;");
  alice.hang_up();
  settle();
  keep_promise(slow, 0, 1);
  CAF_CHECK_EQUAL(connection_count(), 0u);
  auto again = meet("alice");
  CAF_CHECK_EQUAL(after(again, "q1;;slow;0;"), strings{});
}

CAF_TEST(requests that wait for an actor are bounded) {
  server.core->settings.max_requests = 2;
  serve_by("slow", spawn_slow());
  auto alice = meet("alice");
  say(alice, "q1;;slow;0;");
  say(alice, "q2;;slow;0;");
  CAF_CHECK_EQUAL(after(alice, "q3;;slow;0;"),
                  strings{"x3;busy;0;too many requests in flight"});
  advance_time(5s);
  settle();
  CAF_CHECK_EQUAL(heard(alice), (strings{"x1;timeout;0;", "x2;timeout;0;"}));
  CAF_CHECK_EQUAL(after(alice, "q4;;slow;0;"), strings{});
}

// -- names --------------------------------------------------------------------

CAF_TEST(an actor is looked up by its name for each request) {
  serve_by("ask", "oracle"s);
  auto alice = meet("alice");
  CAF_CHECK_EQUAL(after(alice, "q1;;ask;0;"), strings{"x1;unavailable;0;"});
  join_cluster();
  CAF_CHECK_EQUAL(after(alice, "q2;;ask;0;"), strings{"x2;unavailable;0;"});
  CAF_CHECK_EQUAL(after(alice, "e;ask;0;"), strings{});
  auto first = spawn_slow();
  names["oracle"] = first;
  CAF_CHECK_EQUAL(after(alice, "q3;;ask;0;"), strings{});
  names["oracle"] = sys.spawn(obedient);
  CAF_CHECK_EQUAL(after(alice, "q4;;ask;0;"), strings{"a4;0;"});
  kill(first);
  settle();
  CAF_CHECK_EQUAL(heard(alice), strings{"x3;unavailable;0;"});
  CAF_CHECK_EQUAL(after(alice, "q5;;ask;0;"), strings{"a5;0;"});
}

CAF_TEST(the time limit includes the lookup) {
  caf::response_promise found;
  server.core->set_directory(
    sys.spawn([&](caf::event_based_actor* me) -> caf::behavior {
      return {
        [&, me](const find_actor&) -> caf::result<caf::actor> {
          found = me->make_response_promise();
          return found;
        },
        [&](const caf::actor& who) { found.deliver(who); },
      };
    }));
  serve_by("ask", "oracle"s);
  auto alice = meet("alice");
  say(alice, "q1;;ask;0;");
  advance_time(3s);
  caf::anon_send(server.core->directory(), spawn_slow());
  settle();
  CAF_CHECK_EQUAL(promises.size(), 1u);
  advance_time(1s);
  settle();
  CAF_CHECK_EQUAL(heard(alice), strings{});
  advance_time(1s);
  settle();
  CAF_CHECK_EQUAL(heard(alice), strings{"x1;timeout;0;"});
}

// -- helpers ------------------------------------------------------------------

CAF_TEST(a question has the name of the user if that is the principal) {
  serve_by("ask", sys.spawn(obedient));
  troupe::request text;
  text.set_principal("ann"s);
  auto alice = meet("alice", text);
  CAF_CHECK_EQUAL(after(alice, "q1;;ask;0;who"),
                  strings{R"(a1;4;{"client":"alice","user":"ann"})"});
  troupe::request number;
  number.set_principal(7);
  auto bob = meet("bob", number);
  CAF_CHECK_EQUAL(after(bob, "q1;;ask;0;who"),
                  strings{R"(a1;4;{"client":"bob","user":""})"});
}

CAF_TEST(a question has the value of its client) {
  auto q = msg::question{"add", "alice", "ann", type_tag::json, "[1,2]"};
  auto xs = q.value<std::vector<int>>();
  CAF_REQUIRE(xs);
  CAF_CHECK_EQUAL(*xs, (std::vector<int>{1, 2}));
  CAF_CHECK(q.value<int>().error() == errc::type_mismatch);
  CAF_CHECK(*q.value<json>() == json({1, 2}));
}

CAF_TEST(errors become refusals) {
  auto why = refuse("full", "come again", 1500ms);
  CAF_CHECK(to_refusal(refuse_with(why)) == why);
  CAF_CHECK_EQUAL(to_refusal(make_error(errc::refused)).code, "failed");
  CAF_CHECK_EQUAL(to_refusal(make_error(errc::no_such_name)).code,
                  "unavailable");
  CAF_CHECK_EQUAL(to_refusal(caf::make_error(caf::sec::request_timeout)).code,
                  "timeout");
}

CAF_TEST_FIXTURE_SCOPE_END()
