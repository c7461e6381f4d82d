#pragma once

#include <cstdint>

namespace troupe::net {

/// State of a socket after discarding input.
enum class leftover : uint8_t {
  none, ///< No more data for now.
  some, ///< More data than is discarded in one call.
  end,  ///< The peer sent FIN, or the connection is broken.
};

/// Discards the input of a socket that is being closed. Limited per call, since
/// a client that sends continuously must not block the thread.
leftover discard_input(int socket);

} // namespace troupe::net
