#define CAF_SUITE actors.dialogue_rooms

#include "support/protocol2_fixture.hpp"

#include <stdexcept>

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace troupe;
using nlohmann::json;
using test::strings;

CAF_TEST_FIXTURE_SCOPE(dialogue_rooms_tests, test::protocol2_fixture)

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
  CAF_CHECK_EQUAL(after(anna, "e#open/tea;said;4;{"),
                  strings{"x0;invalid;0;open/tea"});
  CAF_CHECK_EQUAL(heard(ben), strings{});
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

CAF_TEST(a client that leaves at once is not told that it has joined) {
  open_rooms();
  auto alice = meet("alice");
  alice.say("j1;open/tea;0;");
  alice.say("lopen/tea;");
  run();
  CAF_CHECK_EQUAL(heard(alice),
                  strings{"x1;refused;0;not a member of the room any more"});
  CAF_CHECK_EQUAL(room_size("open/tea"), 0u);
  alice.say("j2;open/tea;0;");
  alice.say("lopen/tea;");
  alice.say("j3;open/tea;0;");
  run();
  CAF_CHECK_EQUAL(heard(alice), (strings{"a2;4;null", "a3;4;null"}));
  CAF_CHECK_EQUAL(room_size("open/tea"), 1u);
}

CAF_TEST(a client is told last whether it is a member) {
  open_rooms();
  auto alice = meet("alice", [](connection& c) {
    c.on("in and out", [](connection& me) {
      me.join("tea");
      me.leave("tea");
    });
    c.on("out", [](connection& me) { me.leave("open/tea"); });
  });
  CAF_CHECK_EQUAL(after(alice, "e;in and out;0;"), strings{"ytea;left;"});
  CAF_CHECK_EQUAL(room_size("tea"), 0u);
  alice.say("j1;open/tea;0;");
  alice.say("e;out;0;");
  run();
  CAF_CHECK_EQUAL(heard(alice),
                  strings{"x1;refused;0;not a member of the room any more"});
}

CAF_TEST(a client is told of a refused join of the server) {
  server.core->settings.max_rooms = 1;
  auto anna = member("anna", "first");
  auto alice = meet("alice", [](connection& c) {
    c.on("in", [](connection& me) { me.join("second"); });
  });
  CAF_CHECK_EQUAL(after(alice, "e;in;0;"), strings{"ysecond;refused;"});
}

CAF_TEST(a client leaves only rooms that it may join) {
  open_rooms();
  server.core->rooms.add("open/shut", {.clients_join = false});
  auto alice = meet("alice", [](connection& c) {
    c.join("jail");
    c.join("open/shut");
    c.join("open/tea");
  });
  for (auto room : {"jail", "open/shut"}) {
    CAF_CHECK_EQUAL(after(alice, "l"s + room + ';'),
                    strings{"x0;refused;0;"s + room});
    CAF_CHECK_EQUAL(room_size(room), 1u);
  }
  // The client may not have heard that it was added.
  CAF_CHECK_EQUAL(after(alice, "lopen/tea;"), strings{"yopen/tea;left;"});
  CAF_CHECK_EQUAL(room_size("open/tea"), 0u);
}

CAF_TEST(the program is not asked about rooms that cannot exist) {
  server.core->rooms.add("*", {.on_join = [this](connection&,
                                                 const std::string& room,
                                                 const event_view&) {
                           note(room);
                           return json{};
                         }});
  auto alice = meet("alice");
  auto id = "00000000-0000-4000-8000-000000000000@0123abcd"s;
  CAF_CHECK_EQUAL(after(alice, "j1;" + id + ";0;"),
                  strings{"x1;invalid_room;0;" + id});
  CAF_CHECK_EQUAL(after(alice, "j2;alice;0;"),
                  strings{"x2;invalid_room;0;alice"});
  CAF_CHECK_EQUAL(notes, strings{});
}

CAF_TEST(an answer to a join that cannot be encoded refuses it) {
  open_rooms({.on_join = [](connection&, const std::string&,
                            const event_view& data) -> reply<json> {
    if (data.payload == "refuse")
      return refuse("no", "\xff", 1s);
    return json{{"name", "\xff"}};
  }});
  auto alice = meet("alice");
  auto answer = after(alice, "j1;open/tea;0;");
  CAF_REQUIRE_EQUAL(answer.size(), 1u);
  CAF_CHECK(answer[0].starts_with("x1;failed;0;"));
  CAF_CHECK_EQUAL(room_size("open/tea"), 0u);
  CAF_CHECK_EQUAL(after(alice, "j2;open/tea;0;refuse"),
                  strings{R"(x2;no;4;{"after":1000,"message":""})"});
}

CAF_TEST(a connection that is killed during a join leaves nothing behind) {
  open_rooms();
  auto alice = meet("alice");
  alice.say("j1;open/tea;0;");
  caf::anon_send_exit(alice.actor, caf::exit_reason::kill);
  run();
  CAF_CHECK_EQUAL(heard(alice), strings{});
  CAF_CHECK_EQUAL(room_size("open/tea"), 0u);
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

// A client follows this rule: while a join of it is under way, changes do not
// count, since the answer is newer; and it ignores the answer to a join that it
// has followed by a leave.
CAF_TEST(joins and leaves that cross leave client and server in agreement) {
  open_rooms({.on_join = [](connection&, const std::string&,
                            const event_view& x) -> reply<json> {
    if (x.payload == "no")
      return refuse("unwanted");
    return json{};
  }});
  auto alice = meet("alice", [](connection& c) {
    c.on("in", [](connection& me) { me.join("open/tea"); });
    c.on("out", [](connection& me) { me.leave("open/tea"); });
  });
  auto at_once = [&](std::initializer_list<const char*> messages) {
    for (auto x : messages)
      alice.say(x);
    run();
    return heard(alice);
  };
  const auto gone = std::string{";refused;0;not a member of the room any more"};
  // The client leaves before it is answered.
  CAF_CHECK_EQUAL(at_once({"j1;open/tea;0;", "lopen/tea;"}),
                  strings{"x1" + gone});
  CAF_CHECK_EQUAL(
    at_once({"j1;open/tea;0;", "lopen/tea;", "j2;open/tea;0;", "lopen/tea;"}),
    (strings{"x1" + gone, "x2" + gone}));
  CAF_CHECK_EQUAL(at_once({"j1;open/tea;0;", "lopen/tea;", "j2;open/tea;0;"}),
                  (strings{"a1;4;null", "a2;4;null"}));
  CAF_CHECK_EQUAL(room_size("open/tea"), 1u);
  CAF_CHECK_EQUAL(at_once({"lopen/tea;"}), strings{});
  // The program does something else meanwhile.
  CAF_CHECK_EQUAL(at_once({"j1;open/tea;0;", "e;out;0;"}),
                  strings{"x1" + gone});
  CAF_CHECK_EQUAL(at_once({"e;in;0;", "lopen/tea;"}), strings{});
  CAF_CHECK_EQUAL(at_once({"e;in;0;", "e;out;0;"}), strings{"yopen/tea;left;"});
  CAF_CHECK_EQUAL(room_size("open/tea"), 0u);
  CAF_CHECK_EQUAL(at_once({"e;in;0;", "j1;open/tea;0;"}), strings{"a1;4;null"});
  CAF_CHECK_EQUAL(at_once({"e;out;0;", "lopen/tea;", "j2;open/tea;0;"}),
                  (strings{"yopen/tea;left;", "a2;4;null"}));
  CAF_CHECK_EQUAL(at_once({"lopen/tea;"}), strings{});
  // The client has not heard yet that it was added.
  CAF_CHECK_EQUAL(at_once({"e;in;0;"}), strings{"yopen/tea;joined;"});
  CAF_CHECK_EQUAL(at_once({"j1;open/tea;0;no"}),
                  (strings{"x1;unwanted;0;", "yopen/tea;joined;"}));
  CAF_CHECK_EQUAL(at_once({"j2;open/tea;0;", "lopen/tea;"}),
                  (strings{"a2;4;null", "yopen/tea;left;"}));
  CAF_CHECK_EQUAL(room_size("open/tea"), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
