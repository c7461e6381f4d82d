#pragma once

#include "net/metrics/exposition.hpp"
#include "net/runtime/thread_counters.hpp"
#include "troupe/cluster.hpp"
#include "troupe/server.hpp"

#include <cstddef>
#include <string>
#include <vector>

/// The metrics of troupe. docs/metrics.md lists them. No label contains what
/// clients choose, such as ids, rooms or events: their number has no bound.
namespace troupe::net {

/// Adds the version.
void add_build_metrics(exposition& to);

/// @param endpoint the path of its route.
void add_server_metrics(exposition& to, const std::string& endpoint,
                        const server_stats& x);

/// @param thread the index of the worker.
void add_thread_metrics(exposition& to, size_t thread,
                        const thread_counters& x);

void add_node_metrics(exposition& to, const std::vector<node_info>& all);

} // namespace troupe::net
