#pragma once

#include "actors/cluster/bridge_counters.hpp"
#include "actors/cluster/wire_batch_queue.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace troupe::actors {

/// Logs what a bridge loses or refuses, and counts what nothing else counts.
class loss_log {
public:
  /// @param node the other node's name.
  loss_log(std::string node, std::shared_ptr<bridge_counters> counters)
    : node_(std::move(node)),
      counters_(std::move(counters)) {
  }

  // -- messages for the other node, which the queue has counted ---------------

  /// Reports messages that the queue dropped.
  void report_dropped(const wire_batch_queue::losses& lost) const;

  /// Reports messages that waited or were under way when the bridge ended.
  void report_unfinished(uint64_t messages) const;

  // -- from the other node ----------------------------------------------------

  /// Counts and reports messages that came over a bridge that was replaced.
  void count_late(uint64_t messages);

  /// Counts and reports the messages of a batch that cannot be read.
  void count_malformed(uint64_t messages);

  /// Counts and reports messages that are not passed on, since their text is
  /// not UTF-8.
  void count_refused_text(uint64_t messages);

  /// Counts and reports names of rooms or ids that are not passed on.
  void count_refused_names(uint64_t names);

private:
  std::string node_;
  std::shared_ptr<bridge_counters> counters_;
};

} // namespace troupe::actors
