#pragma once

#include "actors/seams/client_socket.hpp"
#include "actors/seams/event_loop.hpp"
#include "troupe/ws_client.hpp"

#include <caf/actor_system.hpp>

#include <functional>

namespace troupe::actors {

/// Creates clients.
class client_spawner {
public:
  /// Spawns the actor of a client, calls `setup` and starts the client.
  /// @param at    the thread of the sockets that `dial` returns; null in tests.
  /// @returns a handle whose last copy closes the client.
  static ws_client spawn(caf::actor_system& sys, event_loop* at,
                         ws_client_options options, client_dialer dial,
                         const std::function<void(ws_client&)>& setup);
};

} // namespace troupe::actors
