#define CAF_SUITE actors.allowance

#include "actors/cluster/allowance.hpp"

#include <caf/test/unit_test.hpp>

#include <memory>
#include <optional>
#include <random>
#include <vector>

using namespace troupe::actors;

namespace {

struct holder {
  holder(allowance& of, size_t limit) : part(of, limit) {
  }

  /// Tries to hold `amount` more.
  bool take(size_t amount) {
    if (!part.try_hold(held + amount))
      return false;
    held += amount;
    return true;
  }

  /// Holds as much more as the allowance permits.
  size_t take_all() {
    size_t result = 0;
    while (take(1))
      ++result;
    return result;
  }

  void give(size_t amount) {
    held -= amount;
    part.hold(held);
  }

  share part;
  size_t held = 0;
};

struct fixture {
  static constexpr size_t limit = 100;

  allowance all;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(allowance_tests, fixture)

CAF_TEST(who is alone may hold everything) {
  holder x{all, limit};
  CAF_CHECK_EQUAL(x.take_all(), 100u);
  x.give(30);
  CAF_CHECK_EQUAL(x.take_all(), 30u);
}

CAF_TEST(each has a reserve and the rest is for whoever comes first) {
  holder x{all, limit};
  holder y{all, limit};
  CAF_CHECK_EQUAL(x.take_all(), 75u);
  CAF_CHECK_EQUAL(y.take_all(), 25u);
  x.give(60);
  CAF_CHECK_EQUAL(y.take_all(), 50u);
  CAF_CHECK_EQUAL(x.take_all(), 10u);
}

CAF_TEST(what goes beyond it is missing afterwards) {
  holder x{all, limit};
  x.held = 120;
  x.part.hold(120);
  CAF_CHECK(!x.take(1));
  x.give(21);
  CAF_CHECK(x.take(1));
  CAF_CHECK(!x.take(1));
}

CAF_TEST(who ends leaves its part to others) {
  std::optional<holder> x{std::in_place, all, limit};
  holder y{all, limit};
  x->take_all();
  CAF_CHECK_EQUAL(y.take_all(), 25u);
  x.reset();
  CAF_CHECK_EQUAL(y.take_all(), 75u);
}

CAF_TEST(who comes late gets a part of the reserves) {
  holder x{all, limit};
  x.take_all();
  holder y{all, limit};
  CAF_CHECK_EQUAL(y.take_all(), 25u);
  CAF_CHECK(!x.take(1));
  x.give(26);
  CAF_CHECK(x.take(1));
}

CAF_TEST(all together hold no more than the limit) {
  std::mt19937 random{1};
  std::vector<std::unique_ptr<holder>> xs;
  for (auto i = 0; i < 5; ++i)
    xs.push_back(std::make_unique<holder>(all, limit));
  for (auto i = 0; i < 10000; ++i) {
    auto& x = *xs[random() % xs.size()];
    auto amount = random() % 20;
    if (random() % 3 == 0)
      x.give(std::min<size_t>(amount, x.held));
    else
      x.take(amount);
    size_t sum = 0;
    for (const auto& y : xs)
      sum += y->held;
    CAF_REQUIRE_LESS_OR_EQUAL(sum, limit);
  }
  for (auto& x : xs)
    x->give(x->held);
  CAF_CHECK_EQUAL(xs[0]->take_all(), 60u);
}

CAF_TEST_FIXTURE_SCOPE_END()
