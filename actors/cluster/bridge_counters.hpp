#pragma once

#include "actors/cluster/allowance.hpp"
#include "troupe/config.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace troupe::actors {

/// Limits for the messages that wait for a node.
struct bridge_limits {
  size_t max_queue_bytes = 64 * 1024 * 1024;

  /// drop_newest; any other value counts as drop_oldest.
  overflow on_overflow = overflow::drop_oldest;
};

/// Counters and shared limits of the bridges of all servers to one node.
/// Outlives the bridges.
struct bridge_counters {
  std::atomic<uint64_t> queued_messages = 0; ///< At present.
  std::atomic<uint64_t> queued_bytes = 0;    ///< At present.
  std::atomic<uint64_t> sent = 0;            ///< Messages.
  std::atomic<uint64_t> received = 0;        ///< Messages.
  std::atomic<uint64_t> lost = 0;            ///< Messages.
  std::atomic<uint64_t> events_dropped = 0;
  std::atomic<uint64_t> questions_refused = 0;

  allowance queue;     ///< Bytes of messages, queued or in flight.
  allowance events;    ///< Number of queued events.
  allowance questions; ///< Bytes of questions that are not answered.
  allowance answers;   ///< Bytes of answers that are not sent.
};

} // namespace troupe::actors
