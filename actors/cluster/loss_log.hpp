#pragma once

#include "actors/cluster/bridge_counters.hpp"
#include "actors/cluster/wire_batch_queue.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace troupe::actors {

/// Logs messages and names that a bridge loses or refuses, and counts those
/// that the queue does not count.
class loss_log {
public:
  /// @param node the name of the other node.
  loss_log(std::string node, std::shared_ptr<bridge_counters> counters)
    : node_(std::move(node)),
      counters_(std::move(counters)) {
  }

  // -- messages for the other node, which the queue has counted ---------------

  /// Reports messages that the queue dropped.
  void report_dropped(const wire_batch_queue::losses& lost) const;

  /// Reports messages that were queued or in flight when the bridge ended.
  void report_unfinished(uint64_t messages) const;

  // -- from the other node ----------------------------------------------------

  /// Counts and reports messages that arrived over a bridge that had been
  /// replaced.
  void count_late(uint64_t messages);

  /// Counts and reports the messages of a batch that cannot be read.
  void count_malformed(uint64_t messages);

  /// Counts and reports messages that are dropped because their text is not
  /// UTF-8.
  void count_refused_text(uint64_t messages);

  /// Counts and reports invalid names of rooms or ids, which are dropped.
  void count_refused_names(uint64_t names);

private:
  std::string node_;
  std::shared_ptr<bridge_counters> counters_;
};

} // namespace troupe::actors
