#pragma once

#include "actors/cluster/allowance.hpp"
#include "actors/cluster/bridge_counters.hpp"
#include "actors/cluster/bridge_messages.hpp"
#include "actors/cluster/flow_window.hpp"
#include "actors/cluster/wire_batch.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace troupe::actors {

/// The messages for another node. Since CAF queues any number of messages for a
/// slow node, this class limits what is in flight (a window) and what waits
/// behind it (a queue with an overflow policy). `max_queue_bytes` limits both
/// together, not counting the minimum window. The bridges of all servers to the
/// node share these limits.
class wire_batch_queue {
public:
  using time_point = flow_window::time_point;

  /// Number of dropped messages by cause.
  struct losses {
    uint64_t no_room = 0;
    uint64_t too_large = 0;
  };

  wire_batch_queue(bridge_limits limits,
                   std::shared_ptr<bridge_counters> counters);

  /// Calls `abandon`.
  ~wire_batch_queue();

  wire_batch_queue(const wire_batch_queue&) = delete;
  wire_batch_queue& operator=(const wire_batch_queue&) = delete;

  /// Returns whether `add` would queue the message without dropping any.
  bool has_room(const frame& message);

  /// Queues a message. If there is no room for it, drops messages according to
  /// the policy; a message of any size that BASP carries may wait alone.
  void add(const recipient& to, uint64_t sender, const frame& message);

  /// Returns the next wire batch to send; none if there is none or the window
  /// is closed.
  /// @param may_be_small whether to return a wire batch that is not full, since
  ///                     no more messages are expected soon.
  std::optional<wire_batch> next(bool may_be_small, time_point now);

  /// Notes that the wire batches up to `number` are acknowledged.
  void done(uint64_t number, time_point now);

  /// Returns the losses since the last call.
  losses take_losses();

  /// Drops all messages. Called when the bridge terminates.
  /// @returns the number of messages that are lost or, if they are in flight,
  ///          may be lost.
  uint64_t abandon();

private:
  /// A wire batch of this size is sealed. In larger ones, the cost per CAF
  /// message is negligible compared to the cost per byte.
  static constexpr size_t full_size = 64 * 1024;

  /// Minimum window in bytes of all bridges to the node.
  static constexpr size_t least_window = 1024 * 1024;

  /// BASP carries at least 64 MiB (net/basp/basp_transport.cpp). The margin is
  /// for the other messages in the wire batch.
  static constexpr size_t largest_message = 63 * 1024 * 1024;

  struct sealed {
    uint32_t count;
    std::string bytes;
  };

  struct under_way {
    uint64_t number;
    uint32_t count;
    size_t size;
  };

  bool is_too_large(const frame& message) const;
  void update_bounds();
  size_t held() const;
  void seal();
  void drop_oldest();
  void note_queued(int64_t messages, int64_t bytes);

  bridge_limits limits_;
  std::shared_ptr<bridge_counters> counters_;
  share share_;
  flow_window window_;
  wire_batch_writer open_;
  std::deque<sealed> sealed_;
  std::deque<under_way> under_way_;
  size_t queued_bytes_ = 0;
  uint64_t last_number_ = 0;
  losses losses_;
};

} // namespace troupe::actors
