#pragma once

#include "net/ws/ws_limits.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace troupe::net {

/// Decides when a silent client is pinged and when it is given up. The session
/// reports what it receives, and asks at each tick.
class idle_timers {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = time_point::duration;

  enum class verdict : uint8_t {
    fine,
    ping_due,
    no_pong,    ///< Nothing was received for `ws_limits::pong_timeout`.
    no_message, ///< No message or pong for `ws_limits::read_timeout`.
  };

  void start(time_point now) noexcept {
    last_message_ = quiet_since_ = last_ping_ = now;
  }

  void on_message(time_point now) noexcept {
    last_message_ = now;
  }

  /// @returns the time since the ping; nothing if the pong answers none.
  std::optional<duration> on_pong(time_point now) noexcept;

  /// Restarts all timers while the session does not read: the client's frames
  /// wait in the kernel, so its silence has no meaning.
  void reset(time_point now) noexcept {
    quiet_since_ = last_message_ = now;
    pinged_ = awaits_pong_ = false;
  }

  /// @param last_read when the last bytes were received.
  verdict check(time_point now, time_point last_read, const ws_limits& limits);

private:
  bool pinged_ = false; ///< A ping was sent and nothing was received since.
  bool awaits_pong_ = false;
  time_point last_message_; ///< Last message or pong.
  time_point quiet_since_;
  time_point last_ping_;
  time_point pinged_at_; ///< The first ping since something was received.
};

} // namespace troupe::net
