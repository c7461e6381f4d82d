#include "actors/cluster/allowance.hpp"

#include <algorithm>
#include <utility>

namespace troupe::actors {

// Relaxed throughout, since no other memory access depends on these counters.

size_t allowance::shares() const noexcept {
  return std::max(shares_.load(std::memory_order_relaxed), size_t{1});
}

share::share(allowance& of, size_t limit) noexcept : of_(of), limit_(limit) {
  of_.shares_.fetch_add(1, std::memory_order_relaxed);
}

share::~share() {
  leave();
}

bool share::try_hold(size_t amount) noexcept {
  auto drawn = beyond_reserve(amount);
  if (drawn > drawn_) {
    auto more = drawn - drawn_;
    auto before = of_.drawn_.fetch_add(more, std::memory_order_relaxed);
    if (before + more > limit_ - limit_ / 2) {
      of_.drawn_.fetch_sub(more, std::memory_order_relaxed);
      return false;
    }
    drawn_ = drawn;
  } else {
    hold(amount);
  }
  return true;
}

void share::hold(size_t amount) noexcept {
  // Unsigned arithmetic wraps around, so a negative difference subtracts.
  auto before = std::exchange(drawn_, beyond_reserve(amount));
  if (drawn_ != before)
    of_.drawn_.fetch_add(drawn_ - before, std::memory_order_relaxed);
}

void share::leave() noexcept {
  if (std::exchange(has_left_, true))
    return;
  hold(0);
  of_.shares_.fetch_sub(1, std::memory_order_relaxed);
}

/// Returns the part of `amount` that exceeds the reserve. The reserve shrinks
/// when shares are added, which takes effect with the next call.
size_t share::beyond_reserve(size_t amount) const noexcept {
  auto shares = of_.shares();
  if (2 * shares * amount <= limit_)
    return 0; // Avoids a division, since this is called for each message.
  return amount - limit_ / 2 / shares;
}

} // namespace troupe::actors
