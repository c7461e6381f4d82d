#pragma once

#include <cstddef>
#include <utility>

namespace troupe::actors {

/// Limits the size of what one callback of a connection may send. The first
/// message may have any size.
class output_budget {
public:
  /// Starts the budget of a callback.
  /// @param waits size in bytes of what earlier callbacks sent and still waits;
  ///              counts as spent.
  void begin(size_t waits) noexcept {
    spent_ = waits;
    is_refused_ = false;
  }

  /// Spends `bytes`.
  /// @returns false if that is more than `limit` allows.
  bool spend(size_t bytes, size_t limit) noexcept {
    auto is_first = spent_ == 0;
    spent_ += bytes;
    return is_first || spent_ <= limit;
  }

  /// Notes that output of the callback was refused.
  /// @returns whether this is the first time.
  bool note_refusal() noexcept {
    return !std::exchange(is_refused_, true);
  }

private:
  size_t spent_ = 0;
  bool is_refused_ = false;
};

} // namespace troupe::actors
