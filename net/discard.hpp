#pragma once

#include "net/socket.hpp"

namespace troupe::net {

/// Reads and forgets what has come to a socket that is being closed, but not
/// for ever: a client that never ends must not hold up the thread.
/// @returns whether there may be more to come: wait for it and call again.
bool discard_input(tcp_socket& socket);

} // namespace troupe::net
