#include "actors/cluster/wire_batch_receiver.hpp"

#include "actors/cluster/wire_batch.hpp"
#include "actors/server_core.hpp"

#include <algorithm>
#include <string>

namespace troupe::actors {

void wire_batch_receiver::unpack(wire_batch& msg) {
  actors::add(counters_->received, msg.count);
  inbound_.begin_wire_batch();
  auto bytes = std::make_shared<const std::string>(std::move(msg.bytes));
  uint32_t taken = 0;
  auto is_whole = read_wire_batch(bytes,
                                  [&](const recipient& to, batch::entry x) {
                                    ++taken;
                                    inbound_.add(to, std::move(x));
                                  });
  auto refused = msg.count - std::min(taken, msg.count);
  if (!is_whole)
    losses_.count_malformed(refused);
  else if (refused > 0)
    losses_.count_refused_text(refused);
  pass_on();
}

void wire_batch_receiver::on_confirmed(const msg::confirmed& msg) {
  for (auto ticket = msg.first; ticket <= msg.last; ++ticket)
    settle(ticket);
}

void wire_batch_receiver::on_refused(const arrival_refused& msg) {
  losses_.count_late(inbound_.count_of(msg.ticket));
  settle(msg.ticket);
}

void wire_batch_receiver::settle(uint64_t ticket) {
  inbound_.settle(ticket);
  pass_on();
}

void wire_batch_receiver::pass_on() {
  for (auto& x : inbound_.take_ready())
    ends_.self->send(ends_.registry, std::move(x));
  if (inbound_.done() != confirmed_) {
    confirmed_ = inbound_.done();
    ends_.self->send(ends_.peer, wire_batch_done{confirmed_});
  }
}

} // namespace troupe::actors
