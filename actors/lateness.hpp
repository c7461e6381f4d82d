#pragma once

#include <chrono>
#include <cstdint>
#include <utility>

namespace troupe::actors {

/// Tells which of numbered things have waited for too long: after one to two
/// periods. Its owner has one timer for all of them, which runs only while
/// something waits.
class lateness {
public:
  static constexpr std::chrono::seconds period{1};

  /// A thing begins to wait whose number is higher than those before.
  /// @returns whether the owner has to start its timer.
  bool note(uint64_t number) {
    last_ = number;
    return !std::exchange(runs_, true);
  }

  /// The timer's period is over.
  /// @param waits whether anything does still.
  /// @returns whether the owner has to start its timer again: not if all are
  ///          late.
  bool tick(bool waits) {
    late_ = std::exchange(seen_, last_);
    return runs_ = waits && late_ != last_;
  }

  /// All up to this number are late.
  uint64_t late() const noexcept {
    return late_;
  }

private:
  uint64_t last_ = 0;
  uint64_t seen_ = 0; ///< Noted before the last tick,
  uint64_t late_ = 0; ///< and before the one before that.
  bool runs_ = false;
};

} // namespace troupe::actors
