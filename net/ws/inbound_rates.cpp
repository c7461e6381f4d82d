#include "net/ws/inbound_rates.hpp"

namespace troupe::net {

using namespace std::chrono_literals;

namespace {

/// Time for which a client may send faster than it is read.
constexpr auto max_time_ahead = 5s;

} // namespace

void inbound_rates::on_message(time_point now, size_t size,
                               const limits& most) {
  if (most.messages > 0)
    messages_.take(now, 1, most.messages);
  if (most.bytes > 0)
    bytes_.take(now, size, most.bytes);
  is_paused_ = !messages_.has_tokens(now) || !bytes_.has_tokens(now);
  if (is_paused_ && ahead_since_ == time_point{})
    ahead_since_ = now;
}

bool inbound_rates::on_control(time_point now, uint32_t count,
                               const limits& most) {
  if (most.control_frames == 0)
    return true;
  control_.take(now, count, most.control_frames);
  return !control_.is_overdrawn(now);
}

void inbound_rates::on_tick(time_point now) {
  if (is_paused_)
    is_paused_ = !messages_.has_tokens(now) || !bytes_.has_tokens(now);
  if (messages_.is_half_full(now) && bytes_.is_half_full(now))
    ahead_since_ = {};
}

bool inbound_rates::is_too_fast(time_point now) const noexcept {
  return ahead_since_ != time_point{} && now - ahead_since_ > max_time_ahead;
}

} // namespace troupe::net
