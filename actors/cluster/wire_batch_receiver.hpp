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

/// Passes the messages in the counterpart's wire batches to the registry, and
/// confirms each batch with `wire_batch_done` once all its messages have been
/// handed to their receivers.
class wire_batch_receiver {
public:
  wire_batch_receiver(const bridge_ends& ends, loss_log& losses,
                      std::shared_ptr<bridge_counters> counters)
    : ends_(ends),
      losses_(losses),
      counters_(std::move(counters)) {
  }

  /// Unpacks `msg`. Drops messages whose text is not UTF-8.
  void unpack(wire_batch& msg);

  /// Handles the registry's confirmation that arrivals have been handed to
  /// their receivers.
  void on_confirmed(const msg::confirmed& msg);

  /// Handles the refusal of an arrival, which the registry sends to a replaced
  /// bridge.
  void on_refused(const arrival_refused& msg);

private:
  void settle(uint64_t ticket);
  void pass_on();

  const bridge_ends& ends_;
  loss_log& losses_;
  std::shared_ptr<bridge_counters> counters_;
  inbound_sequencer inbound_;
  uint64_t confirmed_ = 0; ///< The number of the last confirmed wire batch.
};

} // namespace troupe::actors
