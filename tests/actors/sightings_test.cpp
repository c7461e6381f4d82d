#define CAF_SUITE actors.sightings

#include "actors/cluster/sightings.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace std::chrono_literals;
using troupe::actors::sightings;

namespace {

using strings = std::vector<std::string>;

struct fixture {
  /// Returns the changes in words.
  strings update() {
    strings res;
    for (const auto& x : seen.update(now))
      res.push_back(x.one + (x.is_cut ? " | " : " - ") + x.other);
    return res;
  }

  sightings seen{"me", 10s};
  sightings::time_point now{1h};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(sightings_tests, fixture)

CAF_TEST(nodes that see each other are not cut off) {
  seen.set("a", {"b", "me"});
  seen.set("b", {"a"});
  CAF_CHECK_EQUAL(update(), strings{});
  now += 1h;
  CAF_CHECK_EQUAL(update(), strings{});
  CAF_CHECK_EQUAL(seen.unseen_by("a"), strings{});
}

CAF_TEST(two nodes that stay apart are told once) {
  seen.set("a", {});
  seen.set("b", {});
  CAF_CHECK_EQUAL(update(), strings{});
  now += 10s - 1ns;
  CAF_CHECK_EQUAL(update(), strings{});
  CAF_CHECK_EQUAL(seen.unseen_by("a"), strings{});
  now += 1ns;
  CAF_CHECK_EQUAL(update(), strings{"a | b"});
  CAF_CHECK_EQUAL(seen.unseen_by("a"), strings{"b"});
  CAF_CHECK_EQUAL(seen.unseen_by("b"), strings{"a"});
  now += 1h;
  CAF_CHECK_EQUAL(update(), strings{});
  seen.set("a", {"b"});
  CAF_CHECK_EQUAL(update(), strings{});
  CAF_CHECK_EQUAL(seen.unseen_by("a"), strings{});
  CAF_CHECK_EQUAL(seen.unseen_by("b"), strings{"a"});
  seen.set("b", {"a"});
  CAF_CHECK_EQUAL(update(), strings{"a - b"});
  CAF_CHECK_EQUAL(seen.unseen_by("b"), strings{});
}

CAF_TEST(nodes that meet in time are not told) {
  seen.set("a", {});
  seen.set("b", {});
  update();
  now += 9s;
  seen.set("a", {"b"});
  seen.set("b", {"a"});
  now += 9s;
  CAF_CHECK_EQUAL(update(), strings{});
  CAF_MESSAGE("the time begins anew");
  seen.set("a", {});
  update();
  now += 9s;
  CAF_CHECK_EQUAL(update(), strings{});
  now += 1s;
  CAF_CHECK_EQUAL(update(), strings{"a | b"});
}

CAF_TEST(a node that goes ends its gaps) {
  seen.set("a", {"c"});
  seen.set("b", {"c"});
  seen.set("c", {"a", "b"});
  update();
  now += 10s;
  CAF_CHECK_EQUAL(update(), strings{"a | b"});
  seen.drop("b");
  CAF_CHECK_EQUAL(seen.unseen_by("a"), strings{});
  seen.set("c", {"a"});
  CAF_CHECK_EQUAL(update(), strings{"a - b"});
}

CAF_TEST(a node that only others see is out of our reach) {
  seen.set("a", {"b", "me"});
  update();
  now += 10s;
  CAF_CHECK_EQUAL(update(), strings{"b | me"});
  CAF_CHECK_EQUAL(seen.unseen_by("a"), strings{});
  seen.set("b", {"a"});
  CAF_CHECK_EQUAL(update(), strings{"b - me"});
}

CAF_TEST(what a node says it sees is bounded) {
  strings many;
  for (size_t i = 0; i < 2 * sightings::most_seen; ++i)
    many.push_back(std::to_string(i));
  seen.set("a", many);
  update();
  now += 10s;
  CAF_CHECK_EQUAL(update().size(), sightings::most_seen);
}

CAF_TEST(a change is a line for the log) {
  CAF_CHECK_EQUAL(seen.describe({"a", "me", true}),
                  "node a and this node cannot reach each other, though both "
                  "are up");
  CAF_CHECK_EQUAL(seen.describe({"a", "b", false}),
                  "node a and node b are no longer cut off from each other");
}

CAF_TEST_FIXTURE_SCOPE_END()
