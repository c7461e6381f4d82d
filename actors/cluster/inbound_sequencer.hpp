#pragma once

#include "actors/bridges.hpp"
#include "actors/cluster/wire_batch.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::actors {

/// Puts the messages of another node together by their recipients, in runs as
/// long as the order of each sender allows (invariant 2), and knows which
/// wire batches are dealt with.
class inbound_sequencer {
public:
  /// A wire batch begins: the next one, counted from 1, whatever it says
  /// itself.
  void begin_wire_batch();

  /// A message of it.
  void add(const recipient& to, batch::entry message);

  /// What was added since the last call, to be passed on in this order.
  std::vector<arrival> take_ready();

  /// An arrival is in front of its receivers.
  void settle(uint64_t ticket);

  /// How many messages an arrival had that is not settled.
  size_t count_of(uint64_t ticket) const;

  /// The last wire batch that, with all before it, is dealt with; 0 for none.
  uint64_t done() const noexcept {
    return done_;
  }

  /// Whether everything that came is settled.
  bool empty() const noexcept {
    return wire_batches_.empty();
  }

private:
  struct wire_batch {
    uint64_t number;
    size_t open; ///< Arrivals with something of it.
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
  std::vector<arrival> ready_; ///< All of the last wire batch.
  std::unordered_map<std::string, index> last_to_[recipient::kinds];
  std::unordered_map<uint64_t, index> last_from_;   ///< By sender.
  std::unordered_map<uint64_t, open_arrival> open_; ///< By ticket.
  uint64_t last_ticket_ = 0;
  uint64_t done_ = 0;
};

} // namespace troupe::actors
