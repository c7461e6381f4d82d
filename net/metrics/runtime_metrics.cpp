#include "net/metrics/runtime_metrics.hpp"

#include "troupe/version.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <utility>

namespace troupe::net {

namespace {

double seconds(std::chrono::nanoseconds x) {
  return std::chrono::duration<double>{x}.count();
}

void add_turns(exposition& to, const duration_counters& x,
               exposition::labels by) {
  std::vector<exposition::bucket> buckets;
  for (size_t i = 0; i < x.counts.size(); ++i) {
    auto bound = i < x.bounds.size() ? seconds(x.bounds[i])
                                     : std::numeric_limits<double>::infinity();
    buckets.push_back({bound, x.counts[i].value()});
  }
  std::chrono::nanoseconds sum{static_cast<int64_t>(x.nanoseconds.value())};
  to.add_histogram("troupe_turn_duration_seconds",
                   "Duration of turns: how long a thread was busy at a time.",
                   buckets, seconds(sum), std::move(by));
}

std::string to_word(link_state x) {
  return x == link_state::up ? "up" : "connecting";
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
  add("messages_dropped", "Messages dropped for slow clients.",
      x.messages_dropped);
  add("messages_conflated", "Messages replaced by newer ones for slow clients.",
      x.messages_conflated);
  add("ids_refused", "Connections refused because of their id.", x.ids_refused);
  add("ids_lost", "Connections that another node's connection replaced.",
      x.ids_lost);
  add("output_dropped", "Messages dropped by max_output_bytes.",
      x.output_dropped);
  add("joins_refused", "Joins beyond max_rooms_per_connection.",
      x.joins_refused);
  add("rooms_refused", "Joins beyond max_rooms.", x.rooms_refused);
  add("rates_exceeded", "Connections closed because of the client's rate.",
      x.rates_exceeded);
  add("members_removed", "Actors removed from rooms because they were slow.",
      x.members_removed);
}

void add_thread_metrics(exposition& to, size_t thread,
                        const thread_counters& x) {
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
  add_turns(to, x.turns, by);
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
