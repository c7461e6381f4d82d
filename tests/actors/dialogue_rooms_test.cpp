#define CAF_SUITE actors.dialogue

#include "actors/dialogue.hpp"

#include "support/dialogue_fixture.hpp"

#include <stdexcept>
#include <tuple>

using namespace troupe;
using nlohmann::json;
using test::strings;

CAF_TEST_FIXTURE_SCOPE(dialogue_rooms_tests, test::dialogue_fixture)

CAF_TEST(clients join and leave rooms that are open) {
  open_rooms();
  auto alice = meet("alice");
  CAF_CHECK_EQUAL(after(alice, "j1;open/tea;0;"), strings{"a1;4;null"});
  CAF_CHECK_EQUAL(room_size("open/tea"), 1u);
  CAF_CHECK_EQUAL(after(alice, "j2;open/tea;0;"), strings{"a2;4;null"});
  CAF_CHECK_EQUAL(after(alice, "j3;closed;0;"),
                  strings{"x3;refused;0;clients may not join this room"});
  CAF_CHECK_EQUAL(after(alice, "lopen/tea;"), strings{});
  CAF_CHECK_EQUAL(room_size("open/tea"), 0u);
  CAF_CHECK_EQUAL(after(alice, "lopen/tea;"), strings{});
  CAF_CHECK_EQUAL(after(alice, "j4;open/tea;0;"), strings{"a4;4;null"});
}

CAF_TEST(clients leave no other rooms) {
  open_rooms();
  server.core->rooms.add("open/ban", {.clients_join = false});
  auto alice = meet("alice", [](connection& c) {
    c.join("closed");
    c.join("open/ban");
  });
  for (std::string room : {"closed", "open/ban"}) {
    CAF_CHECK_EQUAL(after(alice, "l" + room + ";"),
                    strings{"x0;refused;0;" + room});
    CAF_CHECK_EQUAL(room_size(room), 1u);
  }
}

CAF_TEST(the program decides about a join and answers it) {
  open_rooms({.on_join = [](connection& c, const std::string& room,
                            const event_view& data) -> reply<json> {
    if (data.payload == "throw")
      throw std::runtime_error{"as asked"};
    if (data.payload != "please")
      return refuse("impolite", "say please");
    return json{{"who", c.id()}, {"where", room}};
  }});
  auto alice = meet("alice");
  CAF_CHECK_EQUAL(after(alice, "j1;open/tea;0;"),
                  strings{"x1;impolite;0;say please"});
  CAF_CHECK_EQUAL(after(alice, "j2;open/tea;0;throw"), strings{"x2;failed;0;"});
  CAF_CHECK_EQUAL(room_size("open/tea"), 0u);
  CAF_CHECK_EQUAL(after(alice, "j3;open/tea;0;please"),
                  strings{R"(a3;4;{"where":"open/tea","who":"alice"})"});
  CAF_CHECK_EQUAL(room_size("open/tea"), 1u);
}

CAF_TEST(a join beyond the limit of rooms is refused) {
  server.core->settings.max_rooms_per_connection = 1;
  server.core->settings.max_rooms = 1;
  open_rooms();
  auto alice = meet("alice");
  CAF_CHECK_EQUAL(after(alice, "j1;open/1;0;"), strings{"a1;4;null"});
  auto second = after(alice, "j2;open/2;0;");
  CAF_REQUIRE_EQUAL(second.size(), 1u);
  CAF_CHECK(second[0].starts_with("x2;too_many_rooms;0;"));
  auto bob = meet("bob");
  auto other = after(bob, "j1;open/3;0;");
  CAF_REQUIRE_EQUAL(other.size(), 1u);
  CAF_CHECK(other[0].starts_with("x1;too_many_rooms;0;"));
}

CAF_TEST(members publish in open rooms and nobody else does) {
  open_rooms();
  server.core->rooms.add("open/quiet", {});
  auto anna = meet("anna");
  auto ben = meet("ben");
  auto cleo = member("cleo", "open/tea");
  for (auto* x : {&anna, &ben})
    say(*x, "j1;open/tea;0;");
  say(anna, "j2;open/quiet;0;");
  heard(anna);
  heard(ben);
  heard(cleo);
  CAF_CHECK_EQUAL(after(anna, "e#open/tea;said;4;{\"a\":1}"), strings{});
  CAF_CHECK_EQUAL(heard(ben), strings{"e#open/tea;said;4;{\"a\":1}"});
  CAF_CHECK_EQUAL(heard(cleo), strings{"m:said;4;{\"a\":1}"});
  CAF_CHECK_EQUAL(after(anna, "e#open/quiet;said;0;x"),
                  strings{"x0;refused;0;open/quiet"});
  CAF_CHECK_EQUAL(after(anna, "e#other;said;0;x"),
                  strings{"x0;not_member;0;other"});
}

CAF_TEST(the server tells a client about rooms that it did not ask for) {
  open_rooms();
  auto alice = meet("alice", [](connection& c) {
    c.on("in", [](connection& me) { me.join("a;b"); });
    c.on("out", [](connection& me, const std::string& x) { me.leave(x); });
  });
  CAF_CHECK_EQUAL(after(alice, "e;in;0;"), strings{"ya%3Bb;joined;"});
  CAF_CHECK_EQUAL(after(alice, "e;out;0;a;b"), strings{"ya%3Bb;left;"});
  say(alice, "j1;open/tea;0;");
  heard(alice);
  CAF_CHECK_EQUAL(after(alice, "e;out;0;open/tea"), strings{"yopen/tea;left;"});
}

CAF_TEST(joins of one room are answered each while others are under way) {
  open_rooms();
  auto alice = meet("alice");
  for (auto i = 1; i <= 3; ++i)
    alice.say("j" + std::to_string(i) + ";open/tea;0;");
  run();
  CAF_CHECK_EQUAL(heard(alice),
                  (strings{"a1;4;null", "a2;4;null", "a3;4;null"}));
  CAF_CHECK_EQUAL(room_size("open/tea"), 1u);
}

CAF_TEST(a client that leaves while it joins is no member) {
  open_rooms();
  auto alice = meet("alice");
  alice.say("j1;open/tea;0;");
  alice.say("lopen/tea;");
  run();
  CAF_CHECK_EQUAL(heard(alice),
                  strings{"x1;refused;0;refused: the room was left"});
  CAF_CHECK_EQUAL(room_size("open/tea"), 0u);
}

CAF_TEST(a client may join again what it leaves while it joins) {
  open_rooms();
  auto alice = meet("alice");
  for (auto x : {"j1;open/tea;0;", "lopen/tea;", "j2;open/tea;0;"})
    alice.say(x);
  run();
  CAF_CHECK_EQUAL(heard(alice), (strings{"a1;4;null", "a2;4;null"}));
  CAF_CHECK_EQUAL(room_size("open/tea"), 1u);
}

CAF_TEST(a room that the server joins and leaves at once is told as left) {
  auto alice = meet("alice", [](connection& c) {
    c.on("visit", [](connection& me) {
      me.join("tea");
      me.leave("tea");
    });
  });
  CAF_CHECK_EQUAL(after(alice, "e;visit;0;"), strings{"ytea;left;"});
  CAF_CHECK_EQUAL(room_size("tea"), 0u);
}

CAF_TEST(the server tells a client about a room that it could not join) {
  server.core->settings.max_rooms = 1;
  auto alice = meet("alice", [](connection& c) {
    c.on("in", [](connection& me, const std::string& x) {
      std::ignore = me.join(x);
    });
  });
  CAF_CHECK_EQUAL(after(alice, "e;in;0;tea"), strings{"ytea;joined;"});
  CAF_CHECK_EQUAL(after(alice, "e;in;0;milk"), strings{"ymilk;refused;"});
}

CAF_TEST(a connection that is killed while it joins answers nothing) {
  open_rooms();
  auto alice = meet("alice");
  alice.say("j1;open/tea;0;");
  sched.run_once();
  caf::anon_send_exit(alice.actor, caf::exit_reason::kill);
  run();
  CAF_CHECK(alice.socket->closed());
  CAF_CHECK_EQUAL(heard(alice), strings{});
  CAF_CHECK_EQUAL(room_size("open/tea"), 0u);
}

CAF_TEST(a value without a representation in JSON refuses a join) {
  open_rooms({.on_join = [](connection&, const std::string&,
                            const event_view& x) -> reply<json> {
    if (x.payload.empty())
      return refuse("impolite", "\xff", std::chrono::seconds{1});
    return json{{"echo", x.payload}};
  }});
  auto alice = meet("alice");
  CAF_CHECK_EQUAL(
    after(alice, "j1;open/tea;0;\xff"),
    strings{"x1;failed;0;the answer has no representation in JSON"});
  CAF_CHECK_EQUAL(room_size("open/tea"), 0u);
  CAF_CHECK_EQUAL(after(alice, "j2;open/tea;0;"),
                  strings{R"(x2;impolite;4;{"after":1000,"message":""})"});
}

CAF_TEST_FIXTURE_SCOPE_END()
