#define CAF_SUITE actors.dialogue

#include "actors/dialogue.hpp"

#include "support/dialogue_fixture.hpp"

#include <stdexcept>

using namespace troupe;
using nlohmann::json;
using test::strings;

namespace {

using fixture = test::dialogue_fixture;

} // namespace

CAF_TEST_FIXTURE_SCOPE(dialogue_rooms_tests, fixture)

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

CAF_TEST(a connection may end while a join of it waits) {
  open_rooms();
  auto alice = meet("alice");
  alice.say("j1;open/tea;0;");
  sched.run_once();
  caf::anon_send_exit(alice.actor, caf::exit_reason::user_shutdown);
  run();
  CAF_CHECK_EQUAL(connection_count(), 0u);
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
  const auto gone = std::string{
    ";refused;0;the membership ended before the join was answered"};
  // The client leaves before it is answered.
  CAF_CHECK_EQUAL(at_once({"j1;open/tea;0;", "lopen/tea;"}),
                  strings{"x1" + gone});
  CAF_CHECK_EQUAL(
    at_once({"j1;open/tea;0;", "lopen/tea;", "j2;open/tea;0;", "lopen/tea;"}),
    (strings{"x1" + gone, "x2" + gone}));
  CAF_CHECK_EQUAL(at_once({"j1;open/tea;0;", "lopen/tea;", "j2;open/tea;0;"}),
                  (strings{"a1;4;null", "a2;4;null"}));
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
