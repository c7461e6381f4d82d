#pragma once

#include "troupe/config.hpp"

#include <chrono>
#include <cstddef>

namespace troupe::net {

/// What a WebSocket session takes from `config`: its own copy, since a session
/// may outlive its server for as long as a closing handshake takes.
struct ws_limits {
  using duration = std::chrono::steady_clock::duration;

  explicit ws_limits(const config& x)
    : max_message_size{x.max_message_size},
      max_queue_bytes{x.max_queue_bytes},
      max_queue_messages{x.max_queue_messages},
      write_timeout{x.write_timeout},
      read_timeout{x.read_timeout},
      pong_timeout{x.pong_timeout},
      ping_period{x.ping_period},
      close_timeout{x.close_timeout} {
  }

  size_t max_message_size;
  size_t max_queue_bytes;
  size_t max_queue_messages;
  duration write_timeout;
  duration read_timeout;
  duration pong_timeout;
  duration ping_period;
  duration close_timeout;
};

} // namespace troupe::net
