#include "net/metrics/runtime_metrics.hpp"

#include "troupe/version.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>

namespace troupe::net {

namespace {

/// Adds a histogram.
/// @param divisor values of the histogram per unit of the metric.
template <class Histogram>
void add_histogram(exposition& to, const std::string& name,
                   const std::string& help, const Histogram& x, double divisor,
                   exposition::labels by) {
  std::vector<exposition::bucket> buckets;
  for (size_t i = 0; i < x.counts.size(); ++i) {
    auto bound = i < x.bounds.size()
                   ? static_cast<double>(x.bounds[i]) / divisor
                   : std::numeric_limits<double>::infinity();
    buckets.push_back({bound, x.counts[i].value()});
  }
  to.add_histogram(name, help, buckets,
                   static_cast<double>(x.sum.value()) / divisor, std::move(by));
}

std::string to_word(link_state x) {
  return x == link_state::up ? "up" : "connecting";
}

void add_drops(exposition& to, const std::string& endpoint,
               const server_stats& x) {
  auto add = [&](const char* reason, uint64_t n) {
    to.add_counter("troupe_messages_dropped_total",
                   "Messages that were not delivered.", static_cast<double>(n),
                   {{"endpoint", endpoint}, {"reason", reason}});
  };
  // Read at different times, so the part may seem larger than the whole.
  add("queue",
      x.messages_dropped - std::min(x.backlog_dropped, x.messages_dropped));
  add("backlog", x.backlog_dropped);
  add("conflated", x.messages_conflated);
  add("output", x.output_dropped);
}

void add_closes(exposition& to, const thread_list& threads) {
  std::map<std::pair<std::string, bool>, uint64_t> all;
  for (const auto* x : threads)
    x->closes.for_each([&](const std::string& code, bool by_peer, uint64_t n) {
      all[{code, by_peer}] += n;
    });
  for (const auto& [key, n] : all)
    to.add_counter("troupe_closes_total",
                   "WebSocket connections that ended, by close code and by who "
                   "closed them.",
                   static_cast<double>(n),
                   {{"code", key.first},
                    {"by", key.second ? "client" : "server"}});
}

void add_handshakes(exposition& to, const thread_list& threads) {
  for (size_t i = 0; i < handshake_results.size(); ++i) {
    uint64_t n = 0;
    for (const auto* x : threads)
      n += x->handshakes[i].value();
    to.add_counter("troupe_handshakes_total",
                   "Requests for WebSocket connections by result.",
                   static_cast<double>(n),
                   {{"result", std::string{handshake_results[i]}}});
  }
}

} // namespace

void add_build_metrics(exposition& to) {
  to.add_gauge("troupe_build_info", "The version of troupe.", 1,
               {{"version", std::string{version}}});
}

void add_server_metrics(exposition& to, const std::string& endpoint,
                        const server_stats& x) {
  auto add = [&](const std::string& name, const std::string& help, uint64_t n) {
    to.add_counter("troupe_" + name + "_total", help, static_cast<double>(n),
                   {{"endpoint", endpoint}});
  };
  to.add_gauge("troupe_connections", "Open connections.",
               static_cast<double>(x.connections_opened)
                 - static_cast<double>(x.connections_closed),
               {{"endpoint", endpoint}});
  add("connections_opened", "Connections that were accepted.",
      x.connections_opened);
  add("connections_closed", "Connections that have ended.",
      x.connections_closed);
  add("messages_received", "Messages from clients.", x.messages_in);
  add("events_unknown", "Events from clients without a handler.",
      x.unknown_events);
  add("events_malformed", "Malformed events from clients.", x.malformed_events);
  add("values_unfit", "Payloads that fit no handler.", x.unfit_values);
  add("handler_failures", "Exceptions from handlers.", x.handler_failures);
  add("slow_receivers", "Connections closed because the client was slow.",
      x.slow_receivers);
  add("ids_refused", "Connections refused because of their id.", x.ids_refused);
  add("ids_lost", "Connections that another node's connection replaced.",
      x.ids_lost);
  add("joins_refused", "Joins beyond max_rooms_per_connection.",
      x.joins_refused);
  add("rooms_refused", "Joins beyond max_rooms.", x.rooms_refused);
  add("rates_exceeded", "Connections closed because of the client's rate.",
      x.rates_exceeded);
  add("members_removed", "Actors removed from rooms because they were slow.",
      x.members_removed);
  add_drops(to, endpoint, x);
  to.add_gauge("troupe_rooms", "Rooms with members on any node.",
               static_cast<double>(x.rooms), {{"endpoint", endpoint}});
}

void add_port_metrics(exposition& to, const listener_stats& x) {
  auto add = [&](const char* name, const char* help, const char* reason,
                 uint64_t n) {
    to.add_counter(name, help, static_cast<double>(n), {{"reason", reason}});
  };
  to.add_counter("troupe_sockets_accepted_total",
                 "Connections of sockets that were accepted.",
                 static_cast<double>(x.connections_accepted));
  auto add_socket = [&](const char* reason, uint64_t n) {
    add("troupe_sockets_refused_total",
        "Connections of sockets that were refused or closed by a limit.",
        reason, n);
  };
  add_socket("limits", x.connections_refused);
  add_socket("pending", x.pending_closed);
  add_socket("proxy_header", x.proxy_headers_refused);
  auto add_request = [&](const char* reason, uint64_t n) {
    add("troupe_requests_refused_total",
        "Requests refused because of their client or host.", reason, n);
  };
  add_request("limits", x.requests_refused);
  add_request("host", x.hosts_refused);
}

void add_thread_metrics(exposition& to, size_t thread, const thread_counters& x,
                        const actors::recipients_histogram& recipients) {
  constexpr double nanoseconds = 1e9; // in a second
  exposition::labels by{{"thread", std::to_string(thread)}};
  auto add = [&](const std::string& name, const std::string& help,
                 const counter& n) {
    to.add_counter(name, help, static_cast<double>(n.value()), by);
  };
  add("troupe_received_bytes_total",
      "Bytes received from clients, as on the wire.", x.received_bytes);
  add("troupe_sent_bytes_total", "Bytes sent to clients, as on the wire.",
      x.sent_bytes);
  add("troupe_messages_sent_total", "Messages queued for clients.",
      x.sent_messages);
  add("troupe_tls_failures_total", "Connections that TLS has ended.",
      x.tls_failures);
  to.add_gauge("troupe_queued_bytes", "Bytes that wait for clients.",
               static_cast<double>(x.queued_bytes.value()), by);
  to.add_gauge("troupe_congested_connections",
               "Connections whose client does not read.",
               static_cast<double>(x.congested.value()), by);
  add_histogram(to, "troupe_turn_duration_seconds",
                "Duration of turns: how long a thread was busy at a time.",
                x.turns, nanoseconds, by);
  add_histogram(to, "troupe_ping_round_trip_seconds",
                "Time from a ping to the client's pong.", x.round_trips,
                nanoseconds, by);
  add_histogram(to, "troupe_recipients",
                "Members that messages of rooms had on this node.", recipients,
                1, by);
}

void add_client_metrics(exposition& to, const thread_list& threads) {
  add_closes(to, threads);
  add_handshakes(to, threads);
}

void add_log_metrics(exposition& to, uint64_t lost) {
  to.add_counter("troupe_access_lines_lost_total",
                 "Lines of the access log that were not written.",
                 static_cast<double>(lost));
}

void add_actor_metrics(exposition& to, size_t running) {
  to.add_gauge("troupe_actors",
               "Actors that run, connections and rooms included.",
               static_cast<double>(running));
}

void add_node_metrics(exposition& to, const std::vector<node_info>& all) {
  for (const auto& x : all) {
    auto add = [&](const std::string& name, const std::string& help,
                   uint64_t n) {
      to.add_counter("troupe_cluster_" + name + "_total", help,
                     static_cast<double>(n), {{"node", x.address}});
    };
    to.add_gauge("troupe_cluster_nodes", "Other nodes by address and state.", 1,
                 {{"node", x.address}, {"state", to_word(x.state)}});
    to.add_gauge("troupe_cluster_queue_bytes", "Bytes that wait for a node.",
                 static_cast<double>(x.queued_bytes), {{"node", x.address}});
    add("messages_sent", "Messages sent to a node.", x.sent);
    add("messages_received", "Messages received from a node.", x.received);
    add("messages_lost", "Messages to or from a node that were lost.", x.lost);
    add("events_dropped", "Changes that a node was not told.",
        x.events_dropped);
    add("questions_refused", "Questions beyond the limit.",
        x.questions_refused);
  }
}

} // namespace troupe::net
