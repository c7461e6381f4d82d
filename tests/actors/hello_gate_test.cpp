#define CAF_SUITE actors.hello_gate

#include "actors/hello_gate.hpp"

#include "support/fixture.hpp"
#include "troupe/decision_messages.hpp"

#include <stdexcept>
#include <thread>

using namespace std::chrono_literals;
using namespace troupe;
using nlohmann::json;
using test::strings;

namespace {

using std::chrono::system_clock;

constexpr auto hello = R"(h{"v":2,"auth":"token"})";

struct user {
  std::string name;
};

std::string name_in(const troupe::request& x) {
  const auto* who = x.principal<user>();
  return who ? who->name : "nobody";
}

/// A server that keeps its decisions for the test.
struct fixture : test::fixture {
  fixture() {
    server.core->settings.authenticate = [this](const troupe::request& req,
                                                const json& auth, decision x) {
      note("asked about " + name_in(req) + ' ' + auth.dump());
      decisions.push_back(std::move(x));
    };
    server.core->add([this](connection& c) {
      note("welcome " + name_in(c.request()));
      c.on("who", [](connection& me) { return name_in(me.request()); });
    });
  }

  /// Connects a client that has not said anything.
  test::fake_client knock(std::string subprotocol = "troupe.2") {
    auto res = server.connect("alice", std::move(subprotocol));
    run();
    return res;
  }

  /// Connects a client whose hello waits for a decision.
  test::fake_client greeting() {
    auto res = knock();
    say(res, hello);
    return res;
  }

  /// Connects a client as `user`.
  test::fake_client
  meet(const std::string& name,
       system_clock::time_point until = system_clock::time_point::max()) {
    auto res = greeting();
    decisions.back().accept(user{name}, {}, until);
    run();
    heard(res);
    notes.clear();
    decisions.clear();
    run();
    return res;
  }

  /// Returns what the client receives after `message`.
  strings after(test::fake_client& who, const std::string& message) {
    say(who, message);
    return heard(who);
  }

  /// Checks that the client was told `error` and closed before its connection
  /// existed.
  void check_turned_away(test::fake_client& who, const std::string& error,
                         close_code code) {
    CAF_CHECK_EQUAL(heard(who), strings{error});
    CAF_CHECK(who.socket->closed());
    CAF_CHECK(who.socket->code() == code);
    CAF_CHECK_EQUAL(connection_count(), 0u);
    CAF_CHECK_EQUAL(server.core->stats.connections_opened.load(), 0u);
  }

  std::vector<decision> decisions;
};

/// Returns the content of the only message in `xs`, a hello.
json content_of(const strings& xs) {
  CAF_REQUIRE_EQUAL(xs.size(), 1u);
  CAF_REQUIRE_EQUAL(xs[0][0], 'h');
  return json::parse(xs[0].substr(1));
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(hello_gate_tests, fixture)

// -- the first hello ----------------------------------------------------------

CAF_TEST(a connection exists when its hello is accepted) {
  auto alice = knock();
  CAF_CHECK_EQUAL(notes, strings{});
  say(alice, R"(h{"v":2,"auth":{"token":7}})");
  CAF_CHECK_EQUAL(notes, strings{R"(asked about nobody {"token":7})"});
  CAF_CHECK_EQUAL(connection_count(), 0u);
  CAF_CHECK_EQUAL(alice.socket->credit(), 1u);
  CAF_CHECK_EQUAL(heard(alice), strings{});
  CAF_REQUIRE_EQUAL(decisions.size(), 1u);
  CAF_CHECK(!decisions[0].is_gone());
  decisions[0].accept(user{"anna"});
  run();
  CAF_CHECK(decisions[0].is_gone());
  CAF_CHECK_EQUAL(notes.back(), "welcome anna");
  auto content = content_of(heard(alice));
  CAF_CHECK_EQUAL(content["id"], "alice");
  CAF_CHECK(!content.contains("until"));
  CAF_CHECK_EQUAL(connection_count(), 1u);
  CAF_CHECK_EQUAL(alice.socket->credit(),
                  server.core->settings.inbound_credit + 1);
}

CAF_TEST(a hello without credentials is decided about as well) {
  auto alice = knock();
  say(alice, R"(h{"v":2})");
  CAF_CHECK_EQUAL(notes, strings{"asked about nobody null"});
}

CAF_TEST(another thread or an actor may decide) {
  auto alice = greeting();
  std::thread{[&] { decisions[0].accept(user{"anna"}); }}.join();
  run();
  CAF_CHECK_EQUAL(notes.back(), "welcome anna");
  auto doorman = sys.spawn([]() -> caf::behavior {
    return {[](const msg::authenticate& x) {
      x.decision.accept(user{x.auth.get<std::string>()});
    }};
  });
  server.core->settings.authenticate = [doorman](const troupe::request& req,
                                                 const json& auth, decision x) {
    caf::anon_send(doorman, msg::authenticate{req, auth, std::move(x)});
  };
  auto bob = server.connect("bob", "troupe.2");
  run();
  say(bob, R"(h{"v":2,"auth":"ben"})");
  CAF_CHECK_EQUAL(notes.back(), "welcome ben");
  caf::anon_send_exit(doorman, caf::exit_reason::user_shutdown);
  run();
}

CAF_TEST(a refused client learns why and is closed) {
  auto alice = greeting();
  decisions[0].refuse(401, "log in first");
  run();
  check_turned_away(alice, "x0;refused;0;log in first",
                    close_code::policy_violation);
  CAF_CHECK_EQUAL(alice.socket->reason(), "refused");
  CAF_CHECK_EQUAL(notes.size(), 1u);
  decisions[0].accept(user{"anna"}); // It has decided already.
  run();
  CAF_CHECK_EQUAL(connection_count(), 0u);
}

CAF_TEST(a failure of the program closes with another code) {
  auto alice = greeting();
  decisions[0].refuse(503, "no database");
  run();
  check_turned_away(alice, "x0;failed;0;no database",
                    close_code::internal_error);
}

CAF_TEST(a dropped decision refuses) {
  auto alice = greeting();
  decisions.clear();
  run();
  check_turned_away(alice, "x0;failed;0;nobody has decided",
                    close_code::internal_error);
}

CAF_TEST(an exception refuses whatever was decided before) {
  server.core->settings.authenticate = [](const troupe::request&, const json&,
                                          const decision& x) {
    x.accept(user{"anna"});
    throw std::runtime_error{"as asked"};
  };
  auto alice = greeting();
  check_turned_away(alice, "x0;failed;0;the check has failed",
                    close_code::internal_error);
  CAF_CHECK_EQUAL(server.core->stats.handler_failures.load(), 1u);
}

CAF_TEST(a client that goes meanwhile leaves nothing behind) {
  auto alice = greeting();
  alice.hang_up();
  run();
  CAF_CHECK(decisions[0].is_gone());
  decisions[0].accept(user{"anna"});
  run();
  CAF_CHECK_EQUAL(connection_count(), 0u);
  CAF_CHECK_EQUAL(notes.size(), 1u);
}

CAF_TEST(a client that is ended meanwhile leaves nothing behind) {
  auto alice = greeting();
  caf::anon_send_exit(alice.actor, caf::exit_reason::user_shutdown);
  run();
  CAF_CHECK(alice.socket->closed());
  decisions[0].accept(user{"anna"});
  run();
  CAF_CHECK_EQUAL(connection_count(), 0u);
  CAF_CHECK_EQUAL(notes.size(), 1u);
}

CAF_TEST(the socket bounds the time of a decision) {
  auto begin = system_clock::now();
  auto alice = greeting();
  auto end = alice.socket->expires_at();
  CAF_CHECK(end >= begin + 10s);
  CAF_CHECK(end <= system_clock::now() + 10s);
  decisions[0].accept(user{"anna"});
  run();
  CAF_CHECK(alice.socket->expires_at() == system_clock::time_point::max());
}

CAF_TEST(a late decision refuses) {
  server.core->settings.handshake_timeout = 1ns;
  auto alice = greeting();
  decisions[0].accept(user{"anna"});
  run();
  check_turned_away(alice, "x0;failed;0;the decision is late",
                    close_code::internal_error);
}

CAF_TEST(a server that has stopped does not ask) {
  auto alice = knock();
  caf::anon_send(server.registry(), actors::stop{1s});
  run();
  advance_time(2s);
  run();
  say(alice, hello);
  CAF_CHECK_EQUAL(notes, strings{});
  CAF_CHECK_EQUAL(heard(alice), strings{"x0;failed;0;the server stops"});
  CAF_CHECK(alice.socket->closed());
}

CAF_TEST(a connection that a program sets up is decided about as well) {
  auto alice = server.connect("alice", "troupe.2", actors::reading::when_told);
  caf::anon_send(alice.actor, actors::socket_open{});
  run();
  say(alice, hello);
  CAF_REQUIRE_EQUAL(decisions.size(), 1u);
  decisions[0].accept(user{"anna"});
  run();
  CAF_CHECK_EQUAL(notes.back(), "welcome anna");
  CAF_CHECK_EQUAL(alice.socket->credit(), 1u);
  caf::anon_send(alice.actor, actors::start_reading{});
  run();
  CAF_CHECK_GREATER(alice.socket->credit(), 1u);
}

// -- the end of the right -----------------------------------------------------

CAF_TEST(the hello tells when the right ends) {
  auto alice = greeting();
  auto until = system_clock::now() + 1h;
  decisions[0].accept(user{"anna"}, {}, until);
  run();
  CAF_CHECK(alice.socket->expires_at() == until);
  auto left = content_of(heard(alice))["until"].get<int64_t>();
  CAF_CHECK_LESS_OR_EQUAL(left, 3'600'000);
  CAF_CHECK_GREATER(left, 3'000'000);
}

CAF_TEST(a right that has ended already is told as none) {
  auto alice = greeting();
  decisions[0].accept(user{"anna"}, {}, system_clock::now() - 1h);
  run();
  auto left = content_of(heard(alice))["until"].get<int64_t>();
  CAF_CHECK_EQUAL(left, 0);
}

CAF_TEST(without a principal the right of the handshake remains) {
  auto until = system_clock::now() + 1h;
  auto alice = knock();
  alice.socket->expire_at(until);
  say(alice, hello);
  CAF_CHECK(alice.socket->expires_at() < until);
  decisions[0].accept();
  run();
  CAF_CHECK(alice.socket->expires_at() == until);
  CAF_CHECK(content_of(heard(alice)).contains("until"));
}

CAF_TEST(the right of the handshake bounds the decision) {
  auto until = system_clock::now() + 1s;
  auto alice = knock();
  alice.socket->expire_at(until);
  say(alice, hello);
  CAF_CHECK(alice.socket->expires_at() == until);
}

// -- renewal ------------------------------------------------------------------

CAF_TEST(a further hello renews the right) {
  auto until = system_clock::now() + 1h;
  auto alice = meet("anna", until);
  CAF_CHECK_EQUAL(after(alice, hello), strings{});
  CAF_CHECK_EQUAL(notes, strings{R"(asked about anna "token")"});
  CAF_CHECK(alice.socket->expires_at() == until);
  CAF_CHECK_EQUAL(after(alice, "q1;;who;0;"), strings{"a1;0;anna"});
  auto later = until + 1h;
  decisions[0].accept(user{"berta"}, {}, later);
  run();
  auto content = content_of(heard(alice));
  CAF_CHECK_EQUAL(content["id"], "alice");
  CAF_CHECK_GREATER(content["until"].get<int64_t>(), 3'600'000);
  CAF_CHECK(alice.socket->expires_at() == later);
  CAF_CHECK_EQUAL(after(alice, "q2;;who;0;"), strings{"a2;0;berta"});
  CAF_CHECK_EQUAL(notes.size(), 1u);
}

CAF_TEST(a refused renewal changes nothing) {
  auto until = system_clock::now() + 1h;
  auto alice = meet("anna", until);
  say(alice, hello);
  decisions[0].refuse(403, "no");
  run();
  CAF_CHECK_EQUAL(heard(alice), strings{"x0;refused;0;no"});
  say(alice, hello);
  decisions.clear();
  run();
  CAF_CHECK_EQUAL(heard(alice), strings{"x0;failed;0;nobody has decided"});
  CAF_CHECK(alice.socket->expires_at() == until);
  CAF_CHECK_EQUAL(after(alice, "q1;;who;0;"), strings{"a1;0;anna"});
  CAF_CHECK(!alice.socket->closed());
}

CAF_TEST(an exception in a renewal is an error of a handler) {
  auto alice = meet("anna");
  server.core->settings.authenticate = [](const troupe::request&, const json&,
                                          const decision&) {
    throw std::runtime_error{"as asked"};
  };
  CAF_CHECK_EQUAL(after(alice, hello),
                  strings{"x0;failed;0;the check has failed"});
  CAF_CHECK(!alice.socket->closed());
}

CAF_TEST(one renewal is decided about at a time) {
  auto alice = meet("anna");
  CAF_CHECK_EQUAL(after(alice, hello), strings{});
  CAF_CHECK_EQUAL(after(alice, hello),
                  strings{"x0;busy;0;a hello is not answered yet"});
  CAF_CHECK_EQUAL(decisions.size(), 1u);
  decisions[0].accept(user{"berta"});
  run();
  content_of(heard(alice));
  CAF_CHECK_EQUAL(after(alice, hello), strings{});
  CAF_CHECK_EQUAL(decisions.size(), 2u);
}

CAF_TEST(a malformed further hello is counted and ignored) {
  auto alice = meet("anna");
  for (auto x : {"h", "h{}", "h[2]", R"(h{"v":1})"})
    CAF_CHECK_EQUAL(after(alice, x), strings{});
  CAF_CHECK_EQUAL(notes, strings{});
  CAF_CHECK_EQUAL(server.core->stats.malformed_events.load(), 4u);
  CAF_CHECK(!alice.socket->closed());
}

// -- without ------------------------------------------------------------------

CAF_TEST(a client of version 1 is decided about without credentials) {
  auto alice = knock("");
  CAF_CHECK_EQUAL(notes, strings{"asked about nobody null"});
  CAF_CHECK_EQUAL(connection_count(), 0u);
  CAF_CHECK_EQUAL(alice.socket->credit(), 0u);
  decisions[0].accept(user{"anna"});
  run();
  CAF_CHECK_EQUAL(notes.back(), "welcome anna");
  CAF_CHECK_EQUAL(heard(alice), strings{});
  say(alice, "m:join;0;tea");
  CAF_CHECK_EQUAL(room_size("tea"), 1u);
}

CAF_TEST(a refused client of version 1 is closed) {
  auto alice = knock("");
  decisions[0].refuse(401, "log in first");
  run();
  CAF_CHECK_EQUAL(heard(alice), strings{});
  CAF_CHECK(alice.socket->code() == close_code::policy_violation);
  CAF_CHECK_EQUAL(connection_count(), 0u);
}

CAF_TEST(credentials are ignored if nobody wants them) {
  server.core->settings.authenticate = nullptr;
  auto alice = greeting();
  content_of(heard(alice));
  content_of(after(alice, hello));
  CAF_CHECK_EQUAL(notes, strings{"welcome nobody"});
}

CAF_TEST_FIXTURE_SCOPE_END()
