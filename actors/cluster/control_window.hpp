#pragma once

#include "actors/cluster/bridge_counters.hpp"
#include "actors/cluster/bridge_messages.hpp"
#include "actors/cluster/flow_window.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

namespace troupe::actors {

/// Limits what a bridge has in flight to its counterpart, except for wire
/// batches, since CAF queues any number of messages for a slow node. Messages
/// that exceed the window wait where they can be merged with later ones.
/// Acknowledgments need no window, since there are no more of them than
/// messages in flight from the other side.
class control_window {
public:
  using time_point = flow_window::time_point;

  /// Minimum size that is counted for each message, as it occupies a mailbox.
  static constexpr size_t least_size = 4096;

  /// Minimum window in bytes of all bridges to the node. The last message of
  /// each bridge may exceed it by any size.
  static constexpr size_t least_bytes = 256 * least_size;

  /// Maximum window in bytes, for paths with a long delay.
  static constexpr size_t most_bytes = 8 * least_bytes;

  /// The size of the largest message that BASP carries, less a margin.
  static constexpr size_t largest_message = 63 * 1024 * 1024;

  explicit control_window(std::shared_ptr<bridge_counters> counters);

  /// Returns whether one more message may be sent.
  bool is_open() const noexcept {
    return window_.is_open();
  }

  /// Notes that a message of about this size was sent.
  void sent(size_t bytes, time_point now);

  /// Notes that the other node has processed the first `count` messages.
  void done(uint64_t count, time_point now);

private:
  std::shared_ptr<bridge_counters> counters_;
  flow_window window_;
  std::deque<size_t> under_way_; ///< Sizes of messages.
  uint64_t done_ = 0;
};

/// Returns the approximate size of a serialized message in bytes.
size_t size_of(const interest_update& x);
size_t size_of(const event_report& x);
size_t size_of(const question& x);
size_t size_of(const answer& x);

} // namespace troupe::actors
