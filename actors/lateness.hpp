#pragma once

#include <chrono>
#include <cstdint>
#include <utility>

namespace troupe::actors {

/// Determines which of several numbered items have waited for too long, which
/// is the case after one to two periods. The owner has one timer for all items,
/// which runs only while an item waits.
class lateness {
public:
  static constexpr std::chrono::seconds period{1};

  /// Notes that an item begins to wait.
  /// @pre `number` is higher than all before.
  /// @returns whether the owner has to start its timer.
  bool note(uint64_t number) {
    last_ = number;
    return !std::exchange(runs_, true);
  }

  /// Called when the timer fires.
  /// @param waits whether any item still waits.
  /// @returns whether the owner has to start its timer again; false if no item
  ///          waits or all items are late.
  bool tick(bool waits) {
    late_ = std::exchange(seen_, last_);
    return runs_ = waits && late_ != last_;
  }

  /// Returns the highest number of a late item. Items with lower numbers are
  /// late as well.
  uint64_t late() const noexcept {
    return late_;
  }

private:
  uint64_t last_ = 0;
  uint64_t seen_ = 0; ///< `last_` at the last tick.
  uint64_t late_ = 0; ///< `last_` at the tick before that.
  bool runs_ = false;
};

} // namespace troupe::actors
