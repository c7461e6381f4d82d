#include "actors/cluster/control_receipts.hpp"

#include "actors/bridges.hpp"
#include "actors/cluster/bridge_messages.hpp"

#include <utility>

namespace troupe::actors {

void control_receipts::count() {
  ++handled_;
  confirm();
}

void control_receipts::confirm() {
  if (!ends_.peer || handled_ == confirmed_ || std::exchange(is_waiting_, true))
    return;
  ends_.self->request(ends_.registry, caf::infinite, fence{})
    .then([this, count = handled_] {
      is_waiting_ = false;
      confirmed_ = count;
      ends_.self->send(ends_.peer, control_done{count});
      confirm();
    });
}

} // namespace troupe::actors
