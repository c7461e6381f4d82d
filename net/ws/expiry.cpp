#include "net/ws/expiry.hpp"

#include <algorithm>
#include <utility>

namespace troupe::net {

expiry::expiry(std::weak_ptr<actors::lower_layer> socket, time_point end)
  : socket_{std::move(socket)},
    end_{end} {
}

void expiry::set(std::weak_ptr<actors::lower_layer> socket, system_time end,
                 worker& event_loop) {
  if (end == system_time::max())
    return;
  auto x = std::make_unique<expiry>(std::move(socket),
                                    to_ticks(end, system_time::clock::now(),
                                             event_loop.now()));
  auto& it = *x;
  it.self_ = std::move(x);
  event_loop.add(it);
}

auto expiry::to_ticks(system_time x, system_time system_now, time_point now)
  -> time_point {
  return now + (std::max(x, system_now) - system_now);
}

void expiry::on_tick(time_point now) {
  auto socket = socket_.lock();
  if (socket && now < end_)
    return;
  auto released = std::move(self_);
  if (socket)
    socket->close(close_code::policy_violation, reason);
}

void expiry::on_worker_end() {
  auto released = std::move(self_);
}

} // namespace troupe::net
