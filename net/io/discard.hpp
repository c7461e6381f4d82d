#pragma once

#include <cstdint>

namespace troupe::net {

/// What a socket has to read after some of it was discarded.
enum class leftover : uint8_t {
  none, ///< For now.
  some, ///< More than one should discard at once.
  end,  ///< FIN came, or the connection is broken.
};

/// Reads and forgets what has come to a socket that is being closed, but not
/// for ever: a client that never ends must not hold up the thread.
leftover discard_input(int socket);

} // namespace troupe::net
