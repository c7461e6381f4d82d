#pragma once

#include "troupe/error.hpp"
#include "troupe/frame.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace troupe::actors {

/// An outgoing WebSocket connection, or the attempt to make one, as the actor
/// of a client sees it. All functions are for the thread of that actor and do
/// not block. Reports to the actor by the messages below, until it has sent
/// `client_socket_ended` or is dropped.
class client_socket {
public:
  virtual ~client_socket() = default;

  /// Asks for the next message, `client_socket_received`.
  /// @pre The socket is open, and the last message asked for has arrived.
  virtual void read() = 0;

  /// Sends a message; `client_socket_written` reports that the kernel has it.
  /// @pre The socket is open, and the last message has been written.
  virtual void write(frame message) = 0;

  /// Begins the closing handshake.
  /// @pre The socket is open, and the last message has been written.
  virtual void close(close_code code, std::string_view reason) = 0;

  /// Cuts the connection, or gives up the attempt. Nothing is reported from now
  /// on.
  virtual void drop() = 0;
};

/// Connects to the server.
/// @param reports_to  the actor of the client.
/// @param number      the number of the socket in its reports.
using client_dialer = std::function<std::shared_ptr<client_socket>(
  caf::actor reports_to, uint64_t number)>;

/// Sent by a socket when the handshake has been completed.
struct client_socket_opened {
  uint64_t socket = 0;
  std::string subprotocol = {}; ///< As selected by the server; empty for none.
};

/// Sent by a socket when a message has arrived.
struct client_socket_received {
  uint64_t socket = 0;
  frame message = {};
};

/// Sent by a socket when a message has been written.
struct client_socket_written {
  uint64_t socket = 0;
};

/// Sent by a socket when it has been closed, or could not be opened.
struct client_socket_ended {
  uint64_t socket = 0;
  close_code code = close_code::abnormal;
  std::string reason = {};
  bool was_clean = false; ///< Whether the closing handshake was completed.
};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::client_socket_opened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::client_socket_received)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::client_socket_written)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::client_socket_ended)
