#include "net/inspection.hpp"

#include "actors/room_actor.hpp"
#include "net/runtime/scheduler.hpp"
#include "troupe/server.hpp"
#include "troupe/version.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace troupe {

namespace {

using nlohmann::json;

using seconds = std::chrono::duration<double>;

json to_json(const std::string& path, const server_stats& x) {
  return {{"path", path},
          {"connections", static_cast<int64_t>(x.connections_opened)
                            - static_cast<int64_t>(x.connections_closed)},
          {"rooms", x.rooms},
          {"opened", x.connections_opened},
          {"closed", x.connections_closed},
          {"messages_in", x.messages_in},
          {"dropped",
           x.messages_dropped + x.messages_conflated + x.output_dropped},
          {"slow_receivers", x.slow_receivers},
          {"handler_failures", x.handler_failures}};
}

json to_json(const node_info& x) {
  return {{"name", x.name},
          {"address", x.address},
          {"is_up", x.state == link_state::up},
          {"queued_bytes", x.queued_bytes},
          {"sent", x.sent},
          {"received", x.received},
          {"lost", x.lost}};
}

/// Returns what a thread has done and what waits for its clients.
json to_json(const net::thread_counters& x) {
  return {{"received_bytes", x.received_bytes.value()},
          {"sent_bytes", x.sent_bytes.value()},
          {"messages_out", x.sent_messages.value()},
          {"queued_bytes", x.queued_bytes.value()},
          {"congested", x.congested.value()},
          {"busy_seconds", static_cast<double>(x.turns.sum.value()) / 1e9}};
}

json to_json(const listener_stats& x) {
  return {{"accepted", x.connections_accepted},
          {"refused", x.connections_refused + x.pending_closed
                        + x.proxy_headers_refused + x.requests_refused
                        + x.hosts_refused}};
}

} // namespace

server* inspected::find(std::string_view path) const {
  auto i = std::ranges::find_if(servers,
                                [&](const auto& x) { return x.first == path; });
  return i == servers.end() ? nullptr : i->second;
}

json overview(const inspected& what, const std::vector<node_info>& nodes) {
  auto now = std::chrono::steady_clock::now().time_since_epoch();
  json result{{"version", version},           {"seconds", seconds{now}.count()},
              {"port", to_json(what.port())}, {"servers", json::array()},
              {"threads", json::array()},     {"nodes", json::array()}};
  for (const auto& [path, x] : what.servers)
    result["servers"].push_back(to_json(path, x->stats()));
  for (const auto& x : net::scheduler::of(*what.system)->workers())
    result["threads"].push_back(to_json(x->counters()));
  for (const auto& x : nodes)
    result["nodes"].push_back(to_json(x));
  return result;
}

json describe_rooms(const std::vector<room_info>& rooms) {
  auto result = json::array();
  for (const auto& x : rooms)
    if (auto* room = actors::fast_path_to<actors::room_actor>(x.handle))
      result.push_back({{"name", x.name}, {"size", room->members().size()}});
  return result;
}

json describe_tail(const actors::tail_report& x) {
  using std::chrono::milliseconds;
  json result{{"messages", json::array()},
              {"omitted", x.omitted},
              {"omitted_bytes", x.omitted_bytes},
              {"end", x.end}};
  for (const auto& y : x.messages) {
    auto time = y.time.time_since_epoch();
    result["messages"].push_back(
      {{"time", std::chrono::duration_cast<milliseconds>(time).count()},
       {"text", y.text},
       {"size", y.size},
       {"is_binary", y.is_binary}});
  }
  return result;
}

json describe_connection(const std::string& id,
                         const actors::connection_state& x) {
  const auto& socket = x.socket;
  auto age = std::chrono::steady_clock::now() - socket.opened;
  return {{"id", id},
          {"remote", x.remote},
          {"path", x.path},
          {"age", seconds{age}.count()},
          {"rooms", x.rooms},
          {"queued_bytes", socket.queued_bytes},
          {"is_slow", socket.is_congested},
          {"bytes_in", socket.bytes_in},
          {"bytes_out", socket.bytes_out},
          {"messages_in", socket.messages_in},
          {"messages_out", socket.messages_out}};
}

} // namespace troupe
