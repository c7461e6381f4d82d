#pragma once

#include "actors/seams/event_loop.hpp"
#include "net/metrics/exposition.hpp"
#include "net/runtime/thread_counters.hpp"
#include "troupe/cluster.hpp"
#include "troupe/listener.hpp"
#include "troupe/server.hpp"

#include <cstddef>
#include <cstdint>
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

/// Adds what the port for clients accepts and refuses.
void add_port_metrics(exposition& to, const listener_stats& x);

/// @param thread the index of the worker.
void add_thread_metrics(exposition& to, size_t thread, const thread_counters& x,
                        const actors::recipients_histogram& recipients);

using thread_list = std::vector<const thread_counters*>;

/// Adds how WebSocket connections begin and end, as sums of all threads.
void add_client_metrics(exposition& to, const thread_list& threads);

/// @param lost the number of lines that the access log has lost.
void add_log_metrics(exposition& to, uint64_t lost);

/// @param running the number of actors of the process.
void add_actor_metrics(exposition& to, size_t running);

void add_node_metrics(exposition& to, const std::vector<node_info>& all);

} // namespace troupe::net
