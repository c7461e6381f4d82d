#define CAF_SUITE actors.interest

#include "actors/cluster/interest.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

using namespace troupe::actors;

namespace {

using strings = std::vector<std::string>;

struct fixture {
  /// Returns the next update for the other node, such as `+lobby -attic`.
  std::string told() {
    std::string result;
    while (auto x = rooms.next()) {
      CAF_CHECK_EQUAL(x->number, ++last);
      if (x->is_snapshot)
        result += "all ";
      std::sort(x->populated.begin(), x->populated.end());
      for (const auto& name : x->vacated)
        result += '-' + name + ' ';
      for (const auto& name : x->populated)
        result += '+' + name + ' ';
      for (const auto& id : x->freed)
        result += "free " + id + ' ';
      for (const auto& y : x->held)
        result += y.id + " since " + std::to_string(y.since) + ' ';
    }
    return result;
  }

  interest rooms;
  uint64_t last = 0;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(census_tests, fixture)

CAF_TEST(that a room has members is told once) {
  CAF_CHECK_EQUAL(told(), "");
  rooms.note("a", true);
  rooms.note("b", true);
  rooms.note("a", true);
  CAF_CHECK_EQUAL(told(), "+a +b ");
  rooms.note("a", true);
  CAF_CHECK_EQUAL(told(), "");
}

CAF_TEST(that it is vacant is told after two ticks) {
  rooms.note("a", true);
  told();
  CAF_CHECK(!rooms.needs_ticks());
  rooms.note("a", false);
  CAF_CHECK(rooms.needs_ticks());
  rooms.tick();
  CAF_CHECK_EQUAL(told(), "");
  rooms.tick();
  CAF_CHECK_EQUAL(told(), "-a ");
  CAF_CHECK(!rooms.needs_ticks());
  rooms.note("a", true);
  CAF_CHECK_EQUAL(told(), "+a ");
}

CAF_TEST(who comes back in time was never away) {
  rooms.note("a", true);
  told();
  rooms.note("a", false);
  rooms.tick();
  rooms.note("a", true);
  rooms.tick();
  rooms.tick();
  CAF_CHECK_EQUAL(told(), "");
}

CAF_TEST(what waits is what the other node does not know yet) {
  rooms.note("told", true);
  told();
  auto vacate = [&](const std::string& room) {
    rooms.note(room, false);
    rooms.tick();
    rooms.tick();
  };
  for (int i = 0; i < 1000; ++i) {
    auto name = "room" + std::to_string(i);
    rooms.note(name, true);
    vacate(name);
    vacate("told");
    rooms.note("told", true);
  }
  CAF_CHECK_EQUAL(told(), "");
  vacate("told");
  rooms.note("new", true);
  CAF_CHECK_EQUAL(told(), "-told +new ");
}

CAF_TEST(a room that is vacant before its part of a snapshot is not in it) {
  for (int i = 0; i < 10000; ++i)
    rooms.note("room" + std::to_string(i), true);
  rooms.begin_anew();
  std::set<std::string> known;
  auto tell = [&](std::optional<interest_update> x) {
    CAF_REQUIRE(x);
    for (const auto& name : x->vacated)
      known.erase(name);
    known.insert(x->populated.begin(), x->populated.end());
  };
  tell(rooms.next());
  for (int i = 0; i < 9000; ++i)
    rooms.note("room" + std::to_string(i), false);
  rooms.tick();
  rooms.tick();
  while (auto x = rooms.next())
    tell(std::move(x));
  CAF_CHECK_EQUAL(known.size(), 1000u);
  CAF_CHECK_EQUAL(known.count("room9000"), 1u);
}

CAF_TEST(a room that was never told is not told vacant) {
  rooms.note("a", false);
  CAF_CHECK(!rooms.needs_ticks());
}

CAF_TEST(a snapshot is everything) {
  rooms.note("a", true);
  rooms.note("b", true);
  told();
  rooms.note("b", false);
  rooms.tick();
  rooms.tick();
  rooms.note("c", true);
  rooms.begin_anew();
  CAF_CHECK_EQUAL(told(), "all +a +c ");
}

CAF_TEST(an empty snapshot says so) {
  rooms.begin_anew();
  CAF_CHECK_EQUAL(told(), "all ");
}

CAF_TEST(many rooms are told in several messages) {
  for (int i = 0; i < 10000; ++i)
    rooms.note("room" + std::to_string(i), true);
  size_t names = 0;
  size_t messages = 0;
  while (auto x = rooms.next()) {
    CAF_CHECK_LESS_OR_EQUAL(x->populated.size(), 4096u);
    names += x->populated.size();
    ++messages;
  }
  CAF_CHECK_EQUAL(names, 10000u);
  CAF_CHECK_EQUAL(messages, 3u);
}

CAF_TEST(ids are told at once and as they are then) {
  rooms.note(held_id{"k", 1, 0});
  CAF_CHECK(rooms.has_new_ids());
  CAF_CHECK_EQUAL(told(), "k since 1 ");
  CAF_CHECK(!rooms.has_new_ids());
  rooms.note_free("k");
  CAF_CHECK_EQUAL(told(), "free k ");
  rooms.note_free("k");
  CAF_CHECK_EQUAL(told(), "");
  rooms.note(held_id{"k", 2, 0});
  rooms.note_free("k");
  rooms.note(held_id{"k", 3, 0});
  CAF_CHECK_EQUAL(told(), "k since 3 ");
}

CAF_TEST(ids are part of a snapshot) {
  rooms.note(held_id{"k", 1, 0});
  told();
  rooms.note(held_id{"l", 2, 0});
  rooms.note_free("l");
  rooms.note("a", true);
  rooms.begin_anew();
  CAF_CHECK_EQUAL(told(), "all +a k since 1 ");
}

CAF_TEST_FIXTURE_SCOPE_END()
