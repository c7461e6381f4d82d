#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace troupe::net {

/// Limits a rate: gets tokens at this rate until it holds those of two seconds,
/// so that short bursts pass. Only its next time of being full is stored.
class token_bucket {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Returns whether a token is left.
  bool has_tokens(time_point now) const noexcept {
    return full_at_ - now < capacity;
  }

  /// Returns whether more tokens were taken than there were.
  bool is_overdrawn(time_point now) const noexcept {
    return full_at_ - now > capacity;
  }

  bool is_full(time_point now) const noexcept {
    return full_at_ <= now;
  }

  bool is_half_full(time_point now) const noexcept {
    return full_at_ - now <= capacity / 2;
  }

  /// Takes `count` tokens, even if fewer are left.
  /// @param per_second the rate; not 0. The same in each call.
  void take(time_point now, uint64_t count, uint64_t per_second) noexcept {
    full_at_ = std::max(full_at_, now)
               + std::chrono::nanoseconds{count * 1'000'000'000 / per_second};
  }

private:
  static constexpr std::chrono::seconds capacity{2};

  time_point full_at_;
};

} // namespace troupe::net
