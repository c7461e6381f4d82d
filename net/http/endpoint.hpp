#pragma once

#include "actors/seams/socket_layers.hpp"
#include "troupe/config.hpp"
#include "troupe/server.hpp"

#include <memory>

namespace troupe::net {

class worker;

/// A server as seen by the network layer: takes over upgraded sockets.
/// Implemented in net/server.cpp. Thread-safe.
class endpoint {
public:
  virtual ~endpoint() = default;

  virtual const config& settings() const noexcept = 0;

  /// Creates the actor of a connection after the handshake. Called by an
  /// http_session on the thread of `socket`.
  /// @returns the upper layer for `socket`; null if the server has stopped.
  virtual std::shared_ptr<actors::upper_layer>
  attach(std::shared_ptr<actors::lower_layer> socket, request req,
         worker& event_loop)
    = 0;

  /// Returns the current event counters.
  virtual server_stats stats() const {
    return {};
  }

  /// Returns whether the endpoint has failed, so that it cannot accept
  /// connections.
  virtual bool is_lost() const noexcept {
    return false;
  }
};

} // namespace troupe::net
