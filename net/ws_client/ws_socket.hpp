#pragma once

#include "actors/seams/client_socket.hpp"
#include "net/runtime/openssl.hpp"
#include "net/ws_client/ws_url.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe::net {

/// How a client connects to its server.
struct ws_socket_settings {
  ws_url url;
  ssl_context tls; ///< Null unless the URL is secure.
  std::vector<std::string> subprotocols;
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::milliseconds connect_timeout;   ///< For the lookup and TCP only.
  std::chrono::milliseconds handshake_timeout; ///< Opening or closing.
  std::chrono::milliseconds idle_timeout;      ///< 0: unlimited.
  size_t max_message_size = 0;
};

/// Connects to a WebSocket server by Boost.Beast. All work is done on the
/// thread of `io`, on which this function has to be called.
/// @param reports_to  see actors/seams/client_socket.hpp.
std::shared_ptr<actors::client_socket>
connect_ws_socket(boost::asio::io_context& io,
                  std::shared_ptr<const ws_socket_settings> how,
                  caf::actor reports_to, uint64_t number);

} // namespace troupe::net
