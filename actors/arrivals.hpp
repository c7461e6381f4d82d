#pragma once

#include "actors/outpost.hpp"
#include "actors/parcel.hpp"

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

namespace troupe::actors {

/// Keeps the order of what each sender of another node said, over several
/// paths (invariant 2): what the outbox is for a connection of this node, this
/// is for all those of another one. A sender's messages on one path go at once;
/// one on another path waits until those before it are settled. Also knows
/// which parcels are dealt with.
class arrivals {
public:
  /// A parcel begins: the next one, counted from 1, whatever it says itself.
  void begin_parcel();

  /// A message of it.
  void add(const destination& to, batch::entry message);

  /// What may go now, with one entry per destination. To be asked for after
  /// each parcel and each `settle`.
  std::vector<arrival> take_ready();

  /// An arrival is in front of its receivers.
  void settle(uint64_t ticket);

  /// The last parcel that, with all before it, is dealt with; 0 for none.
  uint64_t done() const noexcept {
    return done_;
  }

  /// Whether everything that came is settled.
  bool empty() const noexcept {
    return parcels_.empty();
  }

private:
  struct waiting {
    destination to;
    batch::entry message;
    uint64_t parcel;
  };

  /// A sender with messages under way.
  struct sender {
    destination path;
    size_t open = 0; ///< Not settled yet.
    std::deque<waiting> queue;
  };

  /// One message of an arrival.
  struct origin {
    uint64_t sender;
    uint64_t parcel;
  };

  struct parcel {
    uint64_t number;
    size_t open;
  };

  static bool may_go(const sender& from, const destination& to);
  void send(sender& from, waiting x);
  void finish_parcels();

  std::unordered_map<uint64_t, sender> senders_;
  std::unordered_map<uint64_t, std::vector<origin>> tickets_;
  std::deque<parcel> parcels_;
  std::vector<arrival> ready_;
  uint64_t last_ticket_ = 0;
  uint64_t done_ = 0;
};

} // namespace troupe::actors
