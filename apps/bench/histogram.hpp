#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace troupe::bench {

/// Counts durations in nanoseconds, of any size, with an error of at most 3 %.
class histogram {
public:
  void add(std::uint64_t value) {
    ++counts_[slot_of(value)];
    ++total_;
    max_ = std::max(max_, value);
  }

  [[nodiscard]] std::uint64_t total() const {
    return total_;
  }

  /// Returns the exact maximum; 0 if there is no value.
  [[nodiscard]] std::uint64_t max() const {
    return max_;
  }

  /// Returns the smallest value that is not exceeded by `share` (0 to 1) of all
  /// values, rounded up by at most 3 %; 0 if there is no value.
  [[nodiscard]] std::uint64_t quantile(double share) const;

private:
  // Values below 2 * steps have a slot each; above, each power of two has
  // `steps` of them.
  static constexpr std::size_t steps = 32;
  static constexpr std::size_t slots = 60 * steps;

  static constexpr std::size_t slot_of(std::uint64_t value) {
    auto width = static_cast<unsigned>(std::bit_width(value | steps));
    auto shift = width - static_cast<unsigned>(std::bit_width(steps));
    return shift * steps + static_cast<std::size_t>(value >> shift);
  }

  static constexpr std::uint64_t last_of(std::size_t slot) {
    auto shift = slot < 2 * steps ? 0 : slot / steps - 1;
    return ((static_cast<std::uint64_t>(slot - shift * steps) + 1) << shift)
           - 1;
  }

  std::array<std::uint64_t, slots> counts_{};
  std::uint64_t total_ = 0;
  std::uint64_t max_ = 0;
};

} // namespace troupe::bench
