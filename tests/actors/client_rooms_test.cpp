#define CAF_SUITE actors.client_rooms

#include "actors/client/client_rooms.hpp"

#include "support/client_fixture.hpp"
#include "troupe/client_room.hpp"

using namespace troupe;
using namespace std::chrono_literals;

using troupe::test::strings;

namespace {

struct fixture : test::client_fixture {
  fixture() : client{make({.protocol = 2})}, tea{client, "tea"} {
    tea.on_joined([this](const std::string& x) { note("joined " + x); });
    tea.on_refused(
      [this](ws_client&, const refusal& e) { note("refused " + e.code); });
    tea.on_change([this](ws_client&, const std::string& why) { note(why); });
    tea.on("said", [this](const std::string& x) { note("said " + x); });
    greet();
  }

  /// Completes both handshakes.
  void greet() {
    open("troupe.2");
    say(R"(h{"v":2})");
  }

  /// Loses the connection and makes a new one.
  void replace() {
    lose();
    pass(500ms);
    greet();
  }

  /// Returns what was sent after the hello.
  strings requests() {
    auto result = sent();
    std::erase(result, R"(h{"v":2})");
    return result;
  }

  ws_client client;
  client_room tea;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(client_rooms_tests, fixture)

CAF_TEST(a client joins a room and hears what is said there) {
  tea.join(7);
  CAF_CHECK_EQUAL(requests(), strings{"j1;tea;1;7"});
  say("a1;0;hello");
  say("e#tea;said;0;one");
  say("e#milk;said;0;two");
  say("e;said;0;three");
  CAF_CHECK_EQUAL(news(), (strings{"joined hello", "said one"}));
  tea.emit("say", "hi");
  CAF_CHECK_EQUAL(requests(), strings{"e#tea;say;0;hi"});
  tea.leave();
  CAF_CHECK_EQUAL(requests(), strings{"ltea;"});
}

CAF_TEST(names of rooms are encoded) {
  client_room odd{client, "a;b%"};
  odd.on("said", [this] { note("said"); });
  odd.join();
  CAF_CHECK_EQUAL(requests(), strings{"j1;a%3Bb%25;0;"});
  say("e#a%3Bb%25;said;0;");
  CAF_CHECK_EQUAL(news(), strings{"said"});
}

CAF_TEST(each new connection joins again before all other messages) {
  tea.join();
  say("a1;0;1");
  lose();
  client.emit("waits");
  pass(500ms);
  greet();
  CAF_CHECK_EQUAL(requests(), (strings{"j2;tea;0;", "e;waits;0;"}));
  say("a2;0;2");
  CAF_CHECK_EQUAL(news(), (strings{"joined 1", "joined 2"}));
  lose();
  tea.leave(); // while it is away
  pass(500ms);
  greet();
  CAF_CHECK_EQUAL(requests(), strings{});
}

CAF_TEST(the loss of a connection is no refusal) {
  tea.join();
  requests();
  replace();
  CAF_CHECK_EQUAL(requests(), strings{"j2;tea;0;"});
  CAF_CHECK_EQUAL(news(), strings{});
}

CAF_TEST(a refused join is not repeated) {
  tea.join();
  say("x1;refused;0;no");
  CAF_CHECK_EQUAL(news(), strings{"refused refused"});
  requests();
  replace();
  CAF_CHECK_EQUAL(requests(), strings{});
}

CAF_TEST(a join is repeated if the server names a time) {
  tea.join();
  say(R"(x1;busy;4;{"after":2000})");
  CAF_CHECK_EQUAL(news(), strings{"refused busy"});
  requests();
  pass(1s);
  CAF_CHECK_EQUAL(requests(), strings{});
  pass(1s);
  CAF_CHECK_EQUAL(requests(), strings{"j2;tea;0;"});
}

CAF_TEST(only the latest join counts) {
  tea.join(1);
  tea.leave();
  tea.join(2);
  CAF_CHECK_EQUAL(requests(), (strings{"j1;tea;1;1", "ltea;", "j2;tea;1;2"}));
  say("x1;refused;0;");
  say("a2;0;2");
  CAF_CHECK_EQUAL(news(), strings{"joined 2"});
  tea.leave();
  say("a2;0;3");
  CAF_CHECK_EQUAL(news(), strings{});
}

CAF_TEST(what waits for a connection that is lost is not sent on the next) {
  socket().is_slow = true;
  client.emit("waits");
  client.emit("waits, too");
  tea.join(1);
  tea.leave();
  tea.join(2);
  CAF_CHECK_EQUAL(requests(), strings{"e;waits;0;"});
  replace();
  CAF_CHECK_EQUAL(requests(), (strings{"j3;tea;1;2", "e;waits, too;0;"}));
  say("a3;0;3");
  CAF_CHECK_EQUAL(news(), strings{"joined 3"});
}

CAF_TEST(a client that the server has removed does not return) {
  tea.join();
  say("a1;0;");
  say("ytea;left;");
  CAF_CHECK_EQUAL(news(), (strings{"joined ", "left"}));
  requests();
  replace();
  CAF_CHECK_EQUAL(requests(), strings{});
}

CAF_TEST(a client leaves a room that the server has put it in) {
  say("ytea;joined;");
  CAF_CHECK_EQUAL(news(), strings{"joined"});
  tea.leave();
  CAF_CHECK_EQUAL(requests(), strings{"ltea;"});
  say("ytea;joined;");
  replace();
  tea.leave();
  CAF_CHECK_EQUAL(requests(), strings{});
}

CAF_TEST(a change that crosses a join is older than the answer) {
  tea.join(1);
  say("a1;0;1");
  tea.leave(); // Meanwhile, the server removes it.
  tea.join(2);
  CAF_CHECK_EQUAL(news(), strings{"joined 1"});
  say("ytea;left;");
  CAF_CHECK_EQUAL(news(), strings{});
  say("a2;0;2");
  CAF_CHECK_EQUAL(news(), strings{"joined 2"});
  requests();
  replace();
  CAF_CHECK_EQUAL(requests(), strings{"j3;tea;1;2"});
}

CAF_TEST(requests go to the logic of a room) {
  tea.request<int>("count", "all", [this](const reply<int>& x) {
    note(std::to_string(x.value()));
  });
  CAF_CHECK_EQUAL(requests(), strings{"q1;#tea;count;0;all"});
  say("a1;1;3");
  CAF_CHECK_EQUAL(news(), strings{"3"});
}

CAF_TEST(version 1 has no rooms) {
  auto c = connected({}, [this](ws_client& x) {
    x.on_error([this](ws_client&, const caf::error&) { note("error"); });
  });
  client_room room{c, "tea"};
  room.join();
  room.emit("say");
  room.leave();
  CAF_CHECK_EQUAL(news(), (strings{"error", "error"}));
  CAF_CHECK_EQUAL(sent(), strings{});
}

CAF_TEST_FIXTURE_SCOPE_END()
