#pragma once

#include <chrono>
#include <cstdint>

namespace troupe::base {

/// How many lines of one kind may pass in a second. Not thread-safe.
class log_quota {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// @param limit 0: none.
  /// @returns whether a line may pass now; one that may not is counted.
  bool try_take(time_point now, uint32_t limit) noexcept;

  /// When it is time to say how many lines were left out; never if none were.
  time_point due() const noexcept;

  /// @returns how many lines were left out since this was last asked.
  uint64_t take_left_out() noexcept;

private:
  time_point since_;
  time_point due_ = time_point::max();
  uint32_t lines_ = 0;
  uint64_t left_out_ = 0;
};

} // namespace troupe::base
