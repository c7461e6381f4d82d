#define CAF_SUITE chat.directory

#include "chat/directory.hpp"

#include "support/chat_fixture.hpp"

#include <map>
#include <random>

using namespace troupe;
using nlohmann::json;

namespace {

using names = std::set<std::string>;
using strings = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(directory_tests, test::chat_fixture)

CAF_TEST(who comes sees the people of all nodes) {
  meet();
  auto alice = enter(0, "alice", "Alice");
  auto bob = enter(1, "bob", "Bob");
  auto carol = enter(2, "carol", "Carol");
  CAF_CHECK_EQUAL(people(carol), (names{"Alice", "Bob", "Carol"}));
  CAF_CHECK_EQUAL(field(alice, "entered", "nick"), "Carol");
}

CAF_TEST(who was there before nodes met is seen after it) {
  auto alice = enter(0, "alice", "Alice");
  auto bob = enter(1, "bob", "Bob");
  take(alice, "room");
  meet();
  CAF_CHECK_EQUAL(field(alice, "entered", "nick"), "Bob");
  auto carol = enter(2, "carol", "Carol");
  CAF_CHECK_EQUAL(people(carol), (names{"Alice", "Bob", "Carol"}));
}

CAF_TEST(all nodes count the people of all) {
  meet();
  auto alice = enter(0, "alice", "Alice", "tea");
  auto bob = enter(1, "bob", "Bob", "tea");
  auto carol = enter(2, "carol", "Carol");
  settle();
  CAF_CHECK_EQUAL(count(carol, "#tea"), 2);
  bob.client.hang_up();
  settle();
  CAF_CHECK_EQUAL(count(carol, "#tea"), 1);
}

CAF_TEST(a newcomer of another node gets the history of the room) {
  meet();
  auto alice = enter(0, "alice", "Alice", "tea");
  talk(alice, "#tea", "one");
  talk(alice, "#tea", "two");
  auto bob = enter(1, "bob", "Bob", "tea");
  CAF_CHECK_EQUAL(history(bob), (strings{"one", "two"}));
  talk(bob, "#tea", "three");
  alice.client.hang_up();
  auto carol = enter(2, "carol", "Carol", "tea");
  CAF_CHECK_EQUAL(history(carol), (strings{"one", "two", "three"}));
}

CAF_TEST(what was said apart is known to both sides when they meet) {
  auto alice = enter(0, "alice", "Alice");
  talk(alice, "#lobby", "one");
  auto dora = enter(1, "dora", "Dora");
  meet();
  auto bob = enter(1, "bob", "Bob");
  CAF_CHECK_EQUAL(history(bob), strings{"one"});
}

CAF_TEST(a node that knows the history and does not answer is not waited for) {
  meet();
  auto alice = enter(0, "alice", "Alice", "tea");
  self->send_exit(directories[0], caf::exit_reason::user_shutdown);
  auto bob = enter(1, "bob", "Bob", "tea");
  CAF_CHECK(take(bob, "room").empty());
  advance_time(std::chrono::seconds{2});
  run();
  CAF_CHECK_EQUAL(take(bob, "room").size(), 1u);
}

CAF_TEST(a nickname belongs to one guest of all nodes) {
  meet();
  auto alice = connect(0, "alice", "Alice");
  auto other = connect(1, "other", "aLICE");
  CAF_CHECK_EQUAL(take(other, "refused").size(), 1u);
  alice.client.hang_up();
  run();
  say(other, "nick", {{"nick", "Alice"}, {"key", ""}});
  CAF_CHECK_EQUAL(take(other, "welcome").size(), 1u);
}

CAF_TEST(a page takes its nickname along to another node) {
  meet();
  auto old = connect(0, "old", "Alice", "secret");
  auto now = connect(1, "new", "Alice", "secret");
  CAF_CHECK_EQUAL(take(now, "welcome").size(), 1u);
  CAF_CHECK(old.client.socket->code() == chat::taken_over);
}

CAF_TEST(the loser of a nickname is told and gets another one) {
  auto alice = enter(0, "11112222", "Alice");
  auto other = enter(1, "33334444", "Alice");
  for (auto* x : {&alice, &other})
    take(*x, "");
  meet();
  for (auto* x : {&alice, &other})
    for (const auto& y : x->client.heard())
      if (auto z = decode(y, chat::event_prefix))
        x->heard.push_back({z->name, z->body});
  auto& loser = std::any_of(alice.heard.begin(), alice.heard.end(),
                            [](auto& x) { return x[0] == "welcome"; })
                  ? alice
                  : other;
  auto carol = enter(2, "carol", "Carol");
  auto mark = &loser == &alice ? "1111" : "3333";
  CAF_CHECK_EQUAL(people(carol),
                  (names{"Alice", std::string{"Alice~"} + mark, "Carol"}));
  auto nick = field(loser, "welcome", "nick");
  CAF_CHECK_EQUAL(nick, std::string{"Alice~"} + mark);
}

CAF_TEST(a whisper reaches a guest of any node) {
  meet();
  auto alice = connect(0, "alice", "Alice");
  auto bob = connect(2, "bob", "Bob");
  say(alice, "whisper", {{"to", "bob"}, {"text", "psst"}, {"id", "12345678"}});
  CAF_CHECK_EQUAL(field(bob, "whisper", "text"), "psst");
  CAF_CHECK_EQUAL(field(alice, "whisper", "to"), "Bob");
}

CAF_TEST(a node that is gone takes its guests with it) {
  meet();
  auto alice = enter(0, "alice", "Alice");
  auto bob = enter(1, "bob", "Bob");
  take(alice, "");
  lose(0, 1);
  run();
  CAF_CHECK_EQUAL(field(alice, "left", "nick"), "Bob");
  auto other = connect(0, "other", "Bob");
  CAF_CHECK_EQUAL(take(other, "welcome").size(), 1u);
  auto carol = enter(0, "carol", "Carol");
  CAF_CHECK_EQUAL(people(carol), (names{"Alice", "Carol"}));
}

CAF_TEST(a node that is back brings its guests along) {
  meet();
  auto alice = enter(0, "alice", "Alice");
  auto bob = enter(1, "bob", "Bob");
  lose(0, 1);
  settle();
  auto dora = enter(1, "dora", "Dora"); // Nobody tells the first node.
  take(alice, "");
  know(0, 1);
  settle();
  CAF_CHECK_EQUAL(take(alice, "entered").size(), 2u);
  auto carol = enter(0, "carol", "Carol");
  CAF_CHECK_EQUAL(people(carol), (names{"Alice", "Bob", "Carol", "Dora"}));
}

CAF_TEST(whatever happens all nodes agree in the end) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    std::mt19937 random{seed};
    auto any = [&](size_t n) { return random() % n; };
    std::map<std::string, guest> guests;
    const auto* const nicks = "ABCDEFGH";
    for (int step = 0; step < 60; ++step) {
      auto i = any(3);
      auto j = (i + 1 + any(2)) % 3;
      auto id = "guest" + std::to_string(seed) + "-" + std::to_string(step);
      auto who = guests.empty()
                   ? guests.end()
                   : std::next(guests.begin(),
                               static_cast<ptrdiff_t>(any(guests.size())));
      std::string nick{nicks[any(8)]};
      switch (any(7)) {
        case 0:
          lose(i, j);
          break;
        case 1:
          know(i, j);
          break;
        case 2:
        case 3:
          guests.emplace(id, enter(i, id, nick));
          break;
        default:
          if (who == guests.end())
            break;
          if (any(3) == 0) {
            who->second.client.hang_up();
            guests.erase(who);
          } else if (any(2) == 0) {
            say(who->second, "nick", {{"nick", nick}, {"key", ""}});
          } else {
            say(who->second, any(2) == 0 ? "join" : "leave", "#lobby");
          }
      }
      if (any(4) == 0)
        settle();
      run();
    }
    meet();
    std::vector<names> seen;
    size_t known = 0;
    for (size_t i = 0; i < 3; ++i) {
      auto name = std::string{"seer"} + std::to_string(i);
      auto seer = enter(i, name + std::to_string(seed), name);
      json here = last(seer, "room")["here"];
      known = here.size() - 1;
      seen.emplace_back();
      for (const auto& x : here)
        if (x["nick"] != name)
          seen.back().insert(x["nick"].get<std::string>());
      seer.client.hang_up();
      run();
    }
    if (seen[0] != seen[1] || seen[1] != seen[2] || known != seen[2].size())
      CAF_FAIL("seed " << seed);
    for (auto& [id, x] : guests)
      x.client.hang_up();
    settle();
  }
}

CAF_TEST(the nicknames of bots are taken) {
  auto fake = connect(0, "fake", "moderator");
  CAF_CHECK_EQUAL(take(fake, "refused").size(), 1u);
}

CAF_TEST(a room is closed when nobody on any node needs it) {
  meet();
  auto alice = enter(0, "alice", "Alice", "tea");
  auto bob = enter(1, "bob", "Bob", "tea");
  say(alice, "leave", "#tea");
  wait_for_sweep();
  CAF_CHECK(has_room(0, "#tea")); // As long as it is somewhere.
  say(bob, "leave", "#tea");
  wait_for_sweep();
  CAF_CHECK(!has_room(0, "#tea"));
  CAF_CHECK(!has_room(1, "#tea"));
}

CAF_TEST_FIXTURE_SCOPE_END()
