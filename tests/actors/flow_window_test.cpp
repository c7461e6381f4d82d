#define CAF_SUITE actors.flow_window

#include "actors/cluster/flow_window.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <deque>

using namespace troupe::actors;
using namespace std::chrono_literals;

namespace {

constexpr size_t kibibyte = 1024;
constexpr size_t mebibyte = 1024 * kibibyte;

struct fixture {
  using time_point = flow_window::time_point;
  using duration = time_point::duration;

  /// For a period of `time`, sends as much as the window admits.
  /// @returns the acknowledged bytes per second.
  double run(duration time) {
    size_t acknowledged = 0;
    for (auto end = now + time; now < end; now += 1ms) {
      while (window.is_open())
        send();
      acknowledged += receive();
    }
    return static_cast<double>(acknowledged)
           / std::chrono::duration<double>{time}.count();
  }

  /// For a period of `time`, sends one message at a time.
  void trickle(duration time) {
    for (auto end = now + time; now < end; now += 1ms) {
      if (under_way.empty())
        send();
      receive();
    }
  }

  void send() {
    window.sent(message, now);
    auto time = std::chrono::duration<double>{message / bandwidth};
    free = std::max(free, now) + std::chrono::duration_cast<duration>(time);
    under_way.push_back(free + round_trip);
  }

  size_t receive() {
    size_t result = 0;
    while (!under_way.empty() && under_way.front() <= now) {
      under_way.pop_front();
      window.done(message, now);
      result += message;
    }
    return result;
  }

  static constexpr size_t message = 64 * kibibyte;

  flow_window window{mebibyte, 16 * mebibyte};
  double bandwidth = 100e6; ///< Bytes per second.
  duration round_trip = 100ms;

  time_point now = time_point{} + 1h;
  time_point free;                  ///< When the path takes the next message.
  std::deque<time_point> under_way; ///< When each is acknowledged.
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(flow_window_tests, fixture)

CAF_TEST(a long path is filled within some round trips) {
  run(1s);
  CAF_CHECK_GREATER(run(1s), 0.9 * bandwidth);
}

CAF_TEST(it stays filled) {
  run(1s);
  CAF_CHECK_GREATER(run(60s), 0.9 * bandwidth);
}

CAF_TEST(a short path needs no more than the least) {
  round_trip = 1ms;
  CAF_CHECK_GREATER(run(60s), 0.9 * bandwidth);
  CAF_CHECK_LESS_OR_EQUAL(window.size(), 2 * mebibyte);
}

CAF_TEST(never more than the most) {
  bandwidth = 1e9;
  run(2s);
  CAF_CHECK_EQUAL(window.size(), 16 * mebibyte);
  CAF_CHECK_LESS(window.under_way(), 16 * mebibyte + message);
}

CAF_TEST(a direct_receiver that is slow has little under way for ever) {
  bandwidth = 1e6;
  for (auto i = 0; i < 60; ++i) {
    run(2s);
    CAF_CHECK_LESS_OR_EQUAL(window.size(), 5 * mebibyte / 2);
  }
}

CAF_TEST(what the rate falls to is followed within some round trips) {
  run(2s);
  CAF_CHECK_GREATER(window.size(), 10 * mebibyte);
  bandwidth = 5e6;
  run(10s);
  CAF_CHECK_LESS(window.size(), 3 * mebibyte);
  bandwidth = 100e6;
  run(2s);
  CAF_CHECK_GREATER(run(1s), 0.9 * bandwidth);
}

CAF_TEST(who says less has less of a window) {
  run(2s);
  trickle(10s);
  CAF_CHECK_LESS(window.size(), 2 * mebibyte);
}

CAF_TEST(a path that becomes longer is filled after a while) {
  round_trip = 10ms;
  run(5s);
  round_trip = 150ms;
  run(15s);
  CAF_CHECK_GREATER(run(5s), 0.8 * bandwidth);
}

CAF_TEST(one that becomes shorter has less under way after a while) {
  run(5s);
  round_trip = 10ms;
  run(15s);
  CAF_CHECK_LESS(window.size(), 4 * mebibyte);
  CAF_CHECK_GREATER(run(5s), 0.9 * bandwidth);
}

CAF_TEST(new bounds hold at once) {
  run(2s);
  window.set_bounds(mebibyte / 2, 2 * mebibyte);
  CAF_CHECK_EQUAL(window.size(), 2 * mebibyte);
  window.set_bounds(4 * mebibyte, 8 * mebibyte);
  CAF_CHECK_EQUAL(window.size(), 4 * mebibyte);
  window.set_bounds(mebibyte, 8 * mebibyte);
  CAF_CHECK_EQUAL(window.size(), mebibyte);
}

CAF_TEST(time that stands still opens nothing) {
  round_trip = 0ms;
  bandwidth = 1e30;
  for (auto i = 0; i < 100; ++i) {
    send();
    receive();
  }
  CAF_CHECK_EQUAL(window.size(), mebibyte);
}

CAF_TEST_FIXTURE_SCOPE_END()
