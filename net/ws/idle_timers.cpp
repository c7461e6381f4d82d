#include "net/ws/idle_timers.hpp"

#include <algorithm>
#include <utility>

namespace troupe::net {

auto idle_timers::on_pong(time_point now) noexcept -> std::optional<duration> {
  last_message_ = now;
  if (!std::exchange(awaits_pong_, false))
    return std::nullopt;
  return now - last_ping_;
}

auto idle_timers::check(time_point now, time_point last_read,
                        const ws_limits& limits) -> verdict {
  if (last_read > quiet_since_) {
    quiet_since_ = last_read;
    pinged_ = false;
  }
  if (pinged_ && now - pinged_at_ > limits.pong_timeout)
    return verdict::no_pong;
  if (limits.read_timeout.count() > 0
      && now - last_message_ > limits.read_timeout)
    return verdict::no_message;
  if (now - std::max(quiet_since_, last_ping_) < limits.ping_period)
    return verdict::fine;
  if (!std::exchange(pinged_, true))
    pinged_at_ = now;
  awaits_pong_ = true;
  last_ping_ = now;
  return verdict::ping_due;
}

} // namespace troupe::net
