#pragma once

#include <cstddef>
#include <utility>

namespace troupe::actors {

/// Bounds what one callback of a connection may send. The first message may
/// have any size.
class output_budget {
public:
  /// A callback begins. What earlier ones sent and `waits` still, in bytes,
  /// counts as well.
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

  /// Notes that the callback was refused something.
  /// @returns whether it was for the first time.
  bool note_refusal() noexcept {
    return !std::exchange(is_refused_, true);
  }

private:
  size_t spent_ = 0;
  bool is_refused_ = false;
};

} // namespace troupe::actors
