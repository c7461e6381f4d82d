#pragma once

#include "actors/cluster/allowance.hpp"
#include "troupe/config.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace troupe::actors {

struct bridge_limits {
  size_t max_queue_bytes = 64 * 1024 * 1024;

  /// drop_newest, or else drop_oldest.
  overflow on_overflow = overflow::drop_oldest;
};

/// What happened on the bridges to one node, and what these may hold together:
/// those of all servers. Outlives each of them.
struct bridge_counters {
  std::atomic<uint64_t> queued_messages = 0; ///< Now.
  std::atomic<uint64_t> queued_bytes = 0;    ///< Now.
  std::atomic<uint64_t> sent = 0;            ///< Messages.
  std::atomic<uint64_t> received = 0;        ///< Messages.
  std::atomic<uint64_t> lost = 0;            ///< Messages.
  std::atomic<uint64_t> events_dropped = 0;
  std::atomic<uint64_t> questions_refused = 0;

  allowance queue;     ///< Bytes of messages.
  allowance events;    ///< That wait.
  allowance questions; ///< Bytes of those without an answer.
  allowance answers;   ///< Bytes of those that are owed.
};

} // namespace troupe::actors
