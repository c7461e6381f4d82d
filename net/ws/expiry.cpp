#include "net/ws/expiry.hpp"

#include <algorithm>

namespace troupe::net {

expiry::expiry(actors::lower_layer& socket, system_time end, time_point tick)
  : socket_{socket},
    end_{end},
    tick_{tick} {
}

std::unique_ptr<expiry> expiry::make(actors::lower_layer& socket,
                                     system_time end, worker& event_loop) {
  if (end == system_time::max())
    return nullptr;
  auto tick = to_ticks(end, system_time::clock::now(), event_loop.now());
  auto result = std::make_unique<expiry>(socket, end, tick);
  event_loop.add(*result);
  return result;
}

auto expiry::to_ticks(system_time x, system_time system_now, time_point now)
  -> time_point {
  return now + (std::max(x, system_now) - system_now);
}

/// Called on as long as the connection lasts; it ignores all calls but the
/// first.
void expiry::on_tick(time_point now) {
  if (now >= tick_)
    socket_.close(close_code::policy_violation, reason);
}

} // namespace troupe::net
