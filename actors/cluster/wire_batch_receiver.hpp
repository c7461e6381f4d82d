#pragma once

#include "actors/bridges.hpp"
#include "actors/cluster/bridge_counters.hpp"
#include "actors/cluster/bridge_ends.hpp"
#include "actors/cluster/bridge_messages.hpp"
#include "actors/cluster/inbound_sequencer.hpp"
#include "actors/cluster/loss_log.hpp"

#include <cstdint>
#include <memory>
#include <utility>

namespace troupe::actors {

/// Passes the messages in the counterpart's wire batches on to the registry,
/// and confirms each batch with `wire_batch_done` once all of its messages are
/// in front of their receivers.
class wire_batch_receiver {
public:
  wire_batch_receiver(const bridge_ends& ends, loss_log& losses,
                      std::shared_ptr<bridge_counters> counters)
    : ends_(ends),
      losses_(losses),
      counters_(std::move(counters)) {
  }

  /// Unpacks `msg`. Text that is not UTF-8 is dropped.
  void unpack(wire_batch& msg);

  /// Handles the registry's word that arrivals are in front of their receivers.
  void on_confirmed(const msg::confirmed& msg);

  /// Handles the registry's refusal of an arrival of a replaced bridge.
  void on_refused(const arrival_refused& msg);

private:
  void settle(uint64_t ticket);
  void pass_on();

  const bridge_ends& ends_;
  loss_log& losses_;
  std::shared_ptr<bridge_counters> counters_;
  inbound_sequencer inbound_;
  uint64_t confirmed_ = 0; ///< The last wire batch that was.
};

} // namespace troupe::actors
