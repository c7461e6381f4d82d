#pragma once

#include "actors/cluster/bridge_counters.hpp"
#include "actors/cluster/bridge_messages.hpp"
#include "actors/cluster/flow_window.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

namespace troupe::actors {

/// How much a bridge may have under way to its counterpart, wire batches apart:
/// CAF has no bound on what it takes in for a slow node. What has no room waits
/// where it can be put together with what comes later. Acknowledgements need no
/// window: there are no more than what the other side has under way.
class control_window {
public:
  using time_point = flow_window::time_point;

  /// What a message counts at least, as a mailbox has it.
  static constexpr size_t least_size = 4096;

  /// Bytes that all bridges to the node may have under way in any case, each
  /// with a message of any size beyond it,
  static constexpr size_t least_bytes = 256 * least_size;

  /// and if the path is long.
  static constexpr size_t most_bytes = 8 * least_bytes;

  /// The largest message that BASP carries, and a little less.
  static constexpr size_t largest_message = 63 * 1024 * 1024;

  explicit control_window(std::shared_ptr<bridge_counters> counters);

  /// Whether one more may go.
  bool is_open() const noexcept {
    return window_.is_open();
  }

  /// A message of about this size has gone.
  void sent(size_t bytes, time_point now);

  /// The other node has read so many, counted from the first.
  void done(uint64_t count, time_point now);

private:
  std::shared_ptr<bridge_counters> counters_;
  flow_window window_;
  std::deque<size_t> under_way_; ///< The sizes.
  uint64_t done_ = 0;
};

/// About how many bytes a message has on its way, handles of actors included.
size_t size_of(const interest_update& x);
size_t size_of(const event_report& x);
size_t size_of(const question& x);
size_t size_of(const answer& x);

} // namespace troupe::actors
