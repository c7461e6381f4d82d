#pragma once

#include "net/io/tls_channel.hpp"
#include "net/runtime/socket.hpp"

#include <memory>
#include <utility>

namespace troupe::net {

/// A connected socket and, if the connection uses TLS, its channel. Passes from
/// one session to the next.
struct transport {
  /// A plain connection.
  transport(descriptor x) : socket{std::move(x)} {
  }

  transport(descriptor x, std::unique_ptr<tls_channel> channel)
    : socket{std::move(x)},
      tls{std::move(channel)} {
  }

  descriptor socket;
  std::unique_ptr<tls_channel> tls; ///< Null for a plain connection.
};

} // namespace troupe::net
