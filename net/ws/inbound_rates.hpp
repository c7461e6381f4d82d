#pragma once

#include "net/runtime/token_bucket.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace troupe::net {

/// The rates of one client. The session pauses reading when it has sent too
/// many messages, and closes the connection when pausing does not help.
class inbound_rates {
public:
  using time_point = token_bucket::time_point;

  /// Limits per second; 0: no limit.
  struct limits {
    uint32_t messages = 0;
    size_t bytes = 0;
    uint32_t control_frames = 0;

    bool bound_messages() const noexcept {
      return messages > 0 || bytes > 0;
    }
  };

  /// Counts a message; afterwards, reading may have to pause.
  void on_message(time_point now, size_t size, const limits& most);

  /// Counts control frames.
  /// @returns whether the rate is within its limit.
  [[nodiscard]] bool on_control(time_point now, uint32_t count,
                                const limits& most);

  /// Returns whether reading has to pause.
  bool is_paused() const noexcept {
    return is_paused_;
  }

  /// Ends a pause if its time is over. Call periodically.
  void on_tick(time_point now);

  /// Returns whether the client has been ahead of its rate for too long, in
  /// spite of the pauses.
  bool is_too_fast(time_point now) const noexcept;

private:
  token_bucket messages_;
  token_bucket bytes_;
  token_bucket control_;
  /// When a bucket became empty; zero after all were half full again.
  time_point ahead_since_;
  bool is_paused_ = false;
};

} // namespace troupe::net
