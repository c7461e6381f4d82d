#define CAF_SUITE actors.remote_interest

#include "actors/cluster/remote_interest.hpp"

#include "actors/cluster/interest.hpp"

#include <caf/test/unit_test.hpp>

#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>

using namespace troupe::actors;

namespace {

using strings = std::vector<std::string>;

/// The state of a registry according to the changes it receives.
struct knowledge {
  void take(const remote_interest::changes& x) {
    for (const auto& room : x.vacated)
      rooms.erase(room);
    rooms.insert(x.populated.begin(), x.populated.end());
    for (const auto& id : x.freed)
      ids.erase(id);
    for (const auto& y : x.held)
      ids[y.id] = y.since;
  }

  std::set<std::string> rooms;
  std::map<std::string, uint64_t> ids;
};

} // namespace

CAF_TEST(a change after one that is missing is not read) {
  remote_interest x;
  CAF_CHECK(x.read({1, false, {"a"}, {}}));
  CAF_CHECK(!x.read({3, false, {"b"}, {}}));
  CAF_CHECK(x.read({7, true, {"b"}, {}}));
  CAF_CHECK(x.read({8, false, {"c"}, {}}));
}

CAF_TEST(each change counts once) {
  remote_interest x;
  auto changes = [&](const interest_update& msg) {
    return x.read(msg).value();
  };
  auto first = changes({1, false, {"a", "a"}, {}});
  CAF_CHECK_EQUAL(first.populated, strings{"a"});
  auto second = changes({2, false, {"a"}, {}});
  CAF_CHECK_EQUAL(second.populated, strings{});
  auto third = changes({3, false, {}, {"a", "b"}});
  CAF_CHECK_EQUAL(third.vacated, strings{"a"});
  auto fourth = changes({4, false, {}, {}, {}, {"k"}});
  CAF_CHECK_EQUAL(fourth.freed, strings{});
}

CAF_TEST(a snapshot ends what it does not have) {
  remote_interest x;
  x.read({1, false, {"a", "b"}, {}, {{"k", 1, 1}, {"l", 1, 1}}});
  auto found = x.read({2, true, {"b"}, {}, {{"l", 1, 1}}});
  CAF_CHECK_EQUAL(found->vacated, strings{"a"});
  CAF_CHECK_EQUAL(found->populated, strings{});
  CAF_CHECK_EQUAL(found->freed, strings{"k"});
}

CAF_TEST(names that cannot be are refused) {
  remote_interest x;
  auto of_default_form = "3f1c2a00-0000-4000-8000-000000000000@0000000a";
  auto found = x.read({1,
                       false,
                       {"", "\xff", of_default_form, "room"},
                       {},
                       {{"", 1, 1}, {"\xff", 1, 1}, {of_default_form, 1, 1}}});
  CAF_CHECK_EQUAL(found->refused, 6u);
  CAF_CHECK_EQUAL(found->populated, strings{"room"});
  CAF_CHECK(found->held.empty());
}

CAF_TEST(whatever comes and goes and gets lost both agree in the end) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random{seed};
    interest from;
    remote_interest to;
    knowledge known;
    knowledge real;
    auto carry = [&] {
      while (auto x = from.next()) {
        if (random() % 8 == 0)
          continue; // The update is lost.
        if (auto y = to.read(*x))
          known.take(*y);
        else
          from.begin_anew();
      }
    };
    for (uint64_t step = 1; step < 200; ++step) {
      auto name = std::string(1, static_cast<char>('a' + random() % 8));
      switch (random() % 5) {
        case 0:
          from.note(name, true);
          real.rooms.insert(name);
          break;
        case 1:
          from.note(name, false);
          real.rooms.erase(name);
          break;
        case 2:
          from.note(held_id{name, step, 0});
          real.ids[name] = step;
          break;
        case 3:
          from.note_free(name);
          real.ids.erase(name);
          break;
        default:
          from.tick();
          carry();
      }
    }
    from.tick();
    from.tick();
    from.begin_anew();
    while (auto x = from.next())
      known.take(to.read(*x).value());
    CAF_CHECK(known.rooms == real.rooms);
    CAF_CHECK(known.ids == real.ids);
  }
}
