#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace troupe::actors {

/// A number that one thread changes and all threads may read. Costs no more
/// than a plain integer.
class counter {
public:
  void add(uint64_t x) noexcept {
    set(value() + x);
  }

  /// Turns the counter into a gauge.
  void set(uint64_t x) noexcept {
    value_.store(x, std::memory_order_relaxed);
  }

  uint64_t value() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

private:
  std::atomic<uint64_t> value_ = 0;
};

/// Values by size, written by one thread and read by all.
/// @tparam Bounds array of the upper bounds of the classes, ascending; a
/// further
///                class has all larger values.
template <auto Bounds>
class histogram {
public:
  static constexpr auto bounds = Bounds;

  /// Adds `x`, `times` times.
  void add(uint64_t x, uint64_t times = 1) noexcept {
    size_t i = 0;
    while (i < bounds.size() && x > bounds[i])
      ++i;
    counts[i].add(times);
    sum.add(x * times);
  }

  std::array<counter, bounds.size() + 1> counts;
  counter sum;
};

} // namespace troupe::actors
