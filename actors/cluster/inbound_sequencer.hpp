#pragma once

#include "actors/bridges.hpp"
#include "actors/cluster/wire_batch.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::actors {

/// Groups the messages of another node by recipient, as far as the order of
/// each sender allows (invariant 2), and knows which wire batches have been
/// handed to their receivers. Each group becomes an `arrival` for the registry,
/// which is settled when its messages have been handed to their receivers or
/// dropped.
class inbound_sequencer {
public:
  /// Begins the next wire batch. Wire batches are counted here from 1,
  /// regardless of the numbers in the messages.
  void begin_wire_batch();

  /// Adds a message of the current wire batch.
  void add(const recipient& to, batch::entry message);

  /// Returns the messages added since the last call, to be sent in this order.
  std::vector<arrival> take_ready();

  /// Notes that an arrival is settled. Ignored for an unknown ticket.
  void settle(uint64_t ticket);

  /// Returns the number of messages in an arrival; 0 if it is settled.
  size_t count_of(uint64_t ticket) const;

  /// Returns the number of the last wire batch up to which all arrivals are
  /// settled; 0 for none.
  uint64_t done() const noexcept {
    return done_;
  }

  /// Returns whether all arrivals are settled.
  bool empty() const noexcept {
    return wire_batches_.empty();
  }

private:
  struct wire_batch {
    uint64_t number;
    size_t open; ///< Number of arrivals not settled.
  };

  /// An arrival that is not settled.
  struct open_arrival {
    uint64_t wire_batch;
    size_t count;
  };

  using index = size_t; ///< In `ready_`.

  index run_for(const recipient& to, uint64_t sender);
  void finish_wire_batches();

  std::deque<wire_batch> wire_batches_;
  std::vector<arrival> ready_; ///< From the last wire batch.
  std::unordered_map<std::string, index> last_to_[recipient::kinds];
  std::unordered_map<uint64_t, index> last_from_;   ///< By sender.
  std::unordered_map<uint64_t, open_arrival> open_; ///< By ticket.
  uint64_t last_ticket_ = 0;
  uint64_t done_ = 0;
};

} // namespace troupe::actors
