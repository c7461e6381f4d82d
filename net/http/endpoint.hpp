#pragma once

#include "actors/seams/socket_layers.hpp"
#include "troupe/config.hpp"

#include <memory>

namespace troupe::net {

class worker;

/// A server as the network side sees it: where upgraded sockets go.
/// Implemented by net/server.cpp. Thread-safe.
class endpoint {
public:
  virtual ~endpoint() = default;

  virtual const config& settings() const noexcept = 0;

  /// Makes an actor for a connection whose handshake is done. Called on the
  /// socket's thread.
  /// @returns where the socket's messages go; null if the server has stopped.
  virtual std::shared_ptr<actors::upper_layer>
  attach(std::shared_ptr<actors::lower_layer> socket, request req,
         worker& event_loop)
    = 0;

  /// Whether it has ended by a failure, so that nobody is served any more.
  virtual bool is_lost() const noexcept {
    return false;
  }
};

} // namespace troupe::net
