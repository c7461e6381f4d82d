#pragma once

#include <chrono>
#include <cstdint>

namespace troupe::actors {

/// Tells the time to within some ten microseconds, for the price of an
/// instruction: the processor's counter says whether the system's clock is
/// worth a look. For one thread.
class coarse_clock {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// At most some ten microseconds old.
  time_point now() noexcept {
    return is_fresh() ? now_ : read();
  }

  /// Reads the system's clock.
  time_point read() noexcept {
    return now_ = std::chrono::steady_clock::now();
  }

private:
#if defined(__x86_64__) || defined(__i386__)
  /// Some 7 us to 16 us: what counts is that it is short, not how long it is.
  static constexpr uint64_t max_age = 1 << 15;

  /// A counter that runs backwards, as between unlike cores, ends it, too.
  bool is_fresh() noexcept {
    auto ticks = __builtin_ia32_rdtsc();
    if (ticks - ticks_ < max_age)
      return true;
    ticks_ = ticks;
    return false;
  }

  uint64_t ticks_ = 0;
#else
  static bool is_fresh() noexcept {
    return false;
  }
#endif

  time_point now_;
};

} // namespace troupe::actors
