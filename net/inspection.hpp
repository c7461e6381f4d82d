#pragma once

#include "actors/connection_messages.hpp"
#include "actors/room_tail.hpp"
#include "troupe/cluster.hpp"
#include "troupe/listener.hpp"
#include "troupe/messages.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the inspector shows, as JSON.
namespace troupe {

class server;

/// What the inspector looks at. Thread-safe.
struct inspected {
  /// @returns the server of a route, or null.
  server* find(std::string_view path) const;

  caf::actor_system* system = nullptr;
  caf::actor cluster;                                   ///< The cluster actor.
  std::vector<std::pair<std::string, server*>> servers; ///< By route.
  std::function<listener_stats()> port; ///< Counters of the port for clients.
};

/// Returns the counters of the process. Those that grow are named as in
/// `server_stats`; the page computes rates from two reports.
nlohmann::json overview(const inspected& what,
                        const std::vector<node_info>& nodes);

/// Returns the names and sizes of rooms.
nlohmann::json describe_rooms(const std::vector<room_info>& rooms);

nlohmann::json describe_tail(const actors::tail_report& x);

/// @param id the id of the connection.
nlohmann::json describe_connection(const std::string& id,
                                   const actors::connection_state& x);

} // namespace troupe
