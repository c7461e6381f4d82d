#define CAF_SUITE actors.event_queue

#include "actors/cluster/event_queue.hpp"

#include <caf/test/unit_test.hpp>

#include <random>
#include <set>

using namespace troupe;
using namespace troupe::actors;

namespace {

struct fixture {
  void up(const std::string& id) {
    here.insert(id);
    queue.add(msg::connection_up{id, nullptr});
  }

  void down(const std::string& id) {
    here.erase(id);
    queue.add(msg::connection_down{id, close_code::normal, ""});
  }

  /// Adds more events than may wait.
  void crowd() {
    for (size_t i = 0; i < event_queue::most; ++i)
      up("crowd" + std::to_string(i));
  }

  /// Returns the next event for the other node: `+id` or `-id`.
  std::string hear() {
    auto x = queue.next();
    if (!x)
      return "";
    if (x->what.match_elements<msg::connection_up>()) {
      const auto& id = x->what.get_as<msg::connection_up>(0).id;
      CAF_CHECK(told.insert(id).second);
      return '+' + id;
    }
    const auto& id = x->what.get_as<msg::connection_down>(0).id;
    CAF_CHECK_EQUAL(told.erase(id), 1u);
    return '-' + id;
  }

  /// Returns all waiting events except those of the crowd.
  std::string hear_all() {
    std::string result;
    for (auto x = hear(); !x.empty(); x = hear())
      if (!x.starts_with("+crowd"))
        result += x + ' ';
    return result;
  }

  std::shared_ptr<bridge_counters> counters
    = std::make_shared<bridge_counters>();
  event_queue queue{counters};
  std::set<std::string> here;
  std::set<std::string> told;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(event_queue_tests, fixture)

CAF_TEST(few events are told one by one) {
  up("a");
  down("a");
  up("b");
  up("a");
  CAF_CHECK_EQUAL(hear_all(), "+a -a +b +a ");
  down("a");
  CAF_CHECK_EQUAL(hear_all(), "-a ");
  CAF_CHECK_EQUAL(counters->events_dropped, 0u);
}

CAF_TEST(of too many who came and went is left out) {
  up("told");
  CAF_CHECK_EQUAL(hear_all(), "+told ");
  crowd();
  up("brief");
  down("brief");
  down("told");
  up("told");
  down("told");
  up("back");
  down("back");
  up("back");
  CAF_CHECK_EQUAL(hear_all(), "-told +back ");
  CAF_CHECK_EQUAL(counters->events_dropped, 6u);
  CAF_CHECK(told == here);
}

CAF_TEST(an id that goes and comes back does so in order) {
  up("a");
  CAF_CHECK_EQUAL(hear_all(), "+a ");
  crowd();
  down("a");
  up("a");
  CAF_CHECK_EQUAL(hear_all(), "-a +a ");
}

CAF_TEST(what waits is bounded and right in the end) {
  std::mt19937 random{7};
  auto any = [&](size_t end) {
    return std::uniform_int_distribution<size_t>{0, end - 1}(random);
  };
  constexpr size_t ids = 2000;
  for (auto round = 0; round < 100'000; ++round) {
    auto id = std::to_string(any(ids));
    if (here.count(id) == 0)
      up(id);
    else
      down(id);
    if (any(20) == 0)
      hear();
    CAF_REQUIRE(queue.size() <= event_queue::most + here.size() + told.size());
  }
  CAF_CHECK_GREATER(counters->events_dropped, 0u);
  hear_all();
  CAF_CHECK(told == here);
}

CAF_TEST_FIXTURE_SCOPE_END()
