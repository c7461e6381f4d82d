#pragma once

#include <chrono>
#include <cstdint>

namespace troupe::base {

/// Limits the number of log lines of one kind per second. Not thread-safe.
class log_quota {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Returns whether a line may be logged now. Counts the line if it may not.
  /// @param limit lines per second; 0 means no limit.
  bool try_take(time_point now, uint32_t limit) noexcept;

  /// Returns when the number of omitted lines should be reported;
  /// `time_point::max()` if none were omitted.
  time_point due() const noexcept;

  /// Returns the number of lines omitted since the last call.
  uint64_t take_left_out() noexcept;

private:
  time_point since_;
  time_point due_ = time_point::max();
  uint32_t lines_ = 0;
  uint64_t left_out_ = 0;
};

} // namespace troupe::base
