#define CAF_SUITE net.inbound_rates

#include "net/ws/inbound_rates.hpp" // the header under test

#include <caf/test/unit_test.hpp>

using namespace std::chrono_literals;
using namespace troupe::net;

namespace {

struct fixture {
  inbound_rates::time_point now{1000h};
  inbound_rates rates;

  /// Sends messages until reading pauses.
  /// @returns their number.
  int burst(const inbound_rates::limits& most, size_t size = 1) {
    for (auto n = 0;; ++n) {
      if (rates.is_paused())
        return n;
      rates.on_message(now, size, most);
    }
  }

  /// Sends as much as is read for `time`.
  /// @returns the number of messages.
  int flood(std::chrono::milliseconds time, const inbound_rates::limits& most) {
    auto result = 0;
    for (auto end = now + time; now < end; now += 250ms) {
      rates.on_tick(now);
      result += burst(most);
    }
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(inbound_rates_tests, fixture)

CAF_TEST(messages of two seconds may come at once) {
  CAF_CHECK_EQUAL(burst({.messages = 10}), 20);
  CAF_CHECK(!rates.is_too_fast(now));
}

CAF_TEST(a flood is read at the rate and then too fast) {
  CAF_CHECK_EQUAL(burst({.messages = 10}), 20);
  auto read = flood(4s, {.messages = 10});
  CAF_CHECK(read >= 35 && read <= 40);
  CAF_CHECK(!rates.is_too_fast(now));
  flood(1500ms, {.messages = 10});
  CAF_CHECK(rates.is_too_fast(now));
}

CAF_TEST(who pauses after a burst is fine again) {
  for (auto i = 0; i < 10; ++i) {
    CAF_CHECK_LESS(burst({.messages = 10}), 21);
    CAF_CHECK(rates.is_paused());
    now += 1s;
    rates.on_tick(now);
    CAF_CHECK(!rates.is_paused());
    CAF_CHECK(!rates.is_too_fast(now + 1h));
  }
}

CAF_TEST(who keeps to the rate is never paused) {
  for (auto i = 0; i < 1000; ++i) {
    rates.on_message(now, 100, {.messages = 10, .bytes = 1000});
    CAF_REQUIRE(!rates.is_paused());
    now += 100ms;
  }
}

CAF_TEST(bytes have a rate of their own) {
  CAF_CHECK_EQUAL(burst({.messages = 10'000, .bytes = 1000}, 500), 4);
  CAF_CHECK_EQUAL(flood(1s, {.messages = 10'000, .bytes = 1000}), 750);
}

CAF_TEST(control frames have another and no pause) {
  inbound_rates::limits most{.control_frames = 50};
  for (auto i = 0; i < 100; ++i)
    CAF_REQUIRE(rates.on_control(now, 1, most));
  CAF_CHECK(!rates.on_control(now, 1, most));
  CAF_CHECK(!rates.is_paused());
  now += 1s + 20ms;
  for (auto i = 0; i < 50; ++i)
    CAF_REQUIRE(rates.on_control(now, 1, most));
  CAF_CHECK(!rates.on_control(now, 1, most));
}

CAF_TEST(many control frames at once are too many) {
  CAF_CHECK(rates.on_control(now, 100, {.control_frames = 50}));
  now += 2s;
  CAF_CHECK(!rates.on_control(now, 101, {.control_frames = 50}));
}

CAF_TEST(without limits anything goes) {
  for (auto i = 0; i < 1000; ++i) {
    rates.on_message(now, 1 << 20, {});
    CAF_REQUIRE(!rates.is_paused());
    CAF_REQUIRE(rates.on_control(now, 1000, {}));
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
