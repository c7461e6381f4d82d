#pragma once

#include "actors/seams/socket_layers.hpp"
#include "troupe/decision.hpp"
#include "troupe/error.hpp"
#include "troupe/frame.hpp"
#include "troupe/handler.hpp"
#include "troupe/reply.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_erased_tuple.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace troupe {

class connection;

namespace actors {

// -- from the socket ----------------------------------------------------------

/// Sent by the socket to its connection. Carries one message of the client.
struct inbound {
  frame message;
};

/// Sent by the socket to its connection if there is a handler for it. Carries a
/// ping or a pong of the client.
struct inbound_control {
  bool is_pong = false;
  std::string payload;
};

/// Sent by the socket to its connection. Counts the messages to a slow client
/// that were dropped, or replaced by newer ones, since the previous
/// `inbound_overflow`.
struct inbound_overflow {
  uint64_t dropped = 0;
  uint64_t conflated = 0;
};

/// Sent by the socket to its connection as its last message. The socket is
/// closed.
struct inbound_end {
  close_info how;
};

// -- from a program that sets up the connection (server::upgrade) -------------

/// Runs `f` in the connection, as one of its callbacks. If it throws and
/// `must_succeed` is true, the connection ends.
struct run_inside {
  callback<connection&> f;
  bool must_succeed = false;
};

/// Sent when the response to the handshake has been sent to the client. Makes
/// the connection enlist.
struct socket_open {};

/// Sent when the connection is set up. Makes the connection read (C51).
struct start_reading {};

// -- from the inspector -------------------------------------------------------

/// Sent to a connection. The response is a `connection_state`.
struct query_state {};

struct connection_state {
  std::string remote; ///< The address of the client.
  std::string path;
  size_t rooms = 0;
  socket_state socket;
};

// -- from the connection to itself --------------------------------------------

/// The outcome of a request of the client that was answered later.
struct answered {
  uint64_t id = 0;
  outcome what;
};

/// The decision of the program about a hello.
struct decided {
  uint64_t ticket = 0;
  verdict what;
};

/// Ends the connection once the handler that called `disconnect` has returned.
struct hang_up {
  close_info how;
};

// -- kinds of messages --------------------------------------------------------

/// Returns whether `x` is the exit message of a linked actor that has
/// terminated. If that actor was killed, the reason is `kill`, which CAF would
/// obey without calling the exit handler.
bool is_exit_of_terminated(const caf::type_erased_tuple& x);

/// Returns whether `x` is output for the client, or lets output go.
bool is_output(const caf::type_erased_tuple& x);

} // namespace actors
} // namespace troupe

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::inbound)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::inbound_control)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::inbound_overflow)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::inbound_end)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::run_inside)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::socket_open)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::start_reading)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::query_state)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::connection_state)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::answered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::decided)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::hang_up)
