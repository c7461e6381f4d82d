#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace troupe::net {

/// A number that one thread increases and all threads may read. Costs no more
/// than a plain integer.
class counter {
public:
  void add(uint64_t x) noexcept {
    value_.store(value() + x, std::memory_order_relaxed);
  }

  uint64_t value() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

private:
  std::atomic<uint64_t> value_ = 0;
};

/// Durations by size, written by one thread.
class duration_counters {
public:
  using duration = std::chrono::nanoseconds;

  /// Upper bounds of the classes; a further class has all longer durations.
  static constexpr std::array<duration, 12> bounds{
    std::chrono::microseconds{50},  std::chrono::microseconds{100},
    std::chrono::microseconds{250}, std::chrono::microseconds{500},
    std::chrono::milliseconds{1},   std::chrono::microseconds{2500},
    std::chrono::milliseconds{5},   std::chrono::milliseconds{10},
    std::chrono::milliseconds{25},  std::chrono::milliseconds{100},
    std::chrono::milliseconds{250}, std::chrono::seconds{1}};

  void add(duration x) noexcept {
    size_t i = 0;
    while (i < bounds.size() && x > bounds[i])
      ++i;
    counts[i].add(1);
    nanoseconds.add(static_cast<uint64_t>(x.count()));
  }

  std::array<counter, bounds.size() + 1> counts;
  counter nanoseconds; ///< The sum of all.
};

/// What a worker has done since its start. On a cache line that no other thread
/// writes.
struct alignas(64) thread_counters {
  counter received_bytes; ///< From sockets; encrypted bytes in case of TLS.
  counter sent_bytes;
  counter sent_messages; ///< Queued for sockets.
  duration_counters turns;
};

} // namespace troupe::net
