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

/// What waits for another node. CAF has no bound on what it takes in for a
/// slow one, so this has: a window of what is under way, and behind it a queue
/// with a policy. Both together have so many bytes, but for the least window,
/// which the bridges of all servers to the node share as well.
class wire_batch_queue {
public:
  using time_point = flow_window::time_point;

  /// Messages dropped, by cause.
  struct losses {
    uint64_t no_room = 0;
    uint64_t too_large = 0;
  };

  wire_batch_queue(bridge_limits limits,
                   std::shared_ptr<bridge_counters> counters);

  /// See `abandon`.
  ~wire_batch_queue();

  wire_batch_queue(const wire_batch_queue&) = delete;
  wire_batch_queue& operator=(const wire_batch_queue&) = delete;

  /// Whether `add` takes in the message and drops none.
  bool has_room(const frame& message);

  /// A message of any size that BASP carries may wait alone.
  void add(const recipient& to, uint64_t sender, const frame& message);

  /// The next wire batch to send, as long as the window has room. A wire batch
  /// that is not full yet goes only if nothing else is to come soon.
  std::optional<wire_batch> next(bool may_be_small, time_point now);

  /// The wire batches up to this one have arrived.
  void done(uint64_t number, time_point now);

  /// What was dropped since the last call.
  losses take_losses();

  /// The bridge ends: what still waits or is under way is lost, or may be.
  /// @returns how many messages.
  uint64_t abandon();

private:
  /// A wire batch is sealed when it is this large: from here on the costs of
  /// CAF's messages are small beside those of its bytes.
  static constexpr size_t full_size = 64 * 1024;

  /// Bytes that may be under way in any case, for all bridges to the node.
  static constexpr size_t least_window = 1024 * 1024;

  /// BASP carries 64 MiB and more (net/basp/basp_transport.cpp); some of that
  /// is for what else is in the wire batch.
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
