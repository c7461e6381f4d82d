#pragma once

#include "net/io/send_queue.hpp"
#include "net/wire/frame_reader.hpp"
#include "net/ws/deflate_cache.hpp"
#include "net/ws/inbound_rates.hpp"
#include "troupe/config.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace troupe::net {

/// The part of `config` that a WebSocket session needs. Copied, since a session
/// may outlive its server during a closing handshake.
struct ws_limits {
  using duration = std::chrono::steady_clock::duration;

  explicit ws_limits(const config& x)
    : frames{x.max_message_size, max_deflated_size(x.max_message_size),
             x.read_buffer_size},
      queue{x.max_queue_bytes, x.max_queue_messages, x.on_overflow,
            x.event_prefix},
      queue_2{x.max_queue_bytes, x.max_queue_messages, x.on_overflow, {}},
      gathered{std::min(x.write_buffer_size, x.max_queue_bytes),
               x.max_queue_messages,
               x.on_overflow,
               {}},
      unsent{x.max_unsent_bytes > 0                ? x.max_unsent_bytes
             : x.on_overflow == overflow::conflate ? conflated_unsent
                                                   : 0},
      handshake_timeout{x.handshake_timeout},
      write_timeout{x.write_timeout},
      read_timeout{x.read_timeout},
      pong_timeout{x.pong_timeout},
      ping_period{x.ping_period},
      beat_period{x.beat_period},
      close_timeout{x.close_timeout},
      deflate{x.compression_level, x.compression_threshold},
      rates{x.max_messages_per_second, x.max_bytes_per_second,
            x.max_control_frames_per_second},
      binary_messages{x.binary_messages},
      enable_protocol_2{x.enable_protocol_2} {
  }

  frame_reader::limits frames;
  queue_bounds queue;
  queue_bounds queue_2;  ///< `queue` for version 2 of the protocol.
  queue_bounds gathered; ///< What may be queued before the end of the turn.
  size_t unsent;         ///< See `config::max_unsent_bytes`; 0: no limit.
  duration handshake_timeout;
  duration write_timeout;
  duration read_timeout;
  duration pong_timeout;
  duration ping_period;
  duration beat_period;
  duration close_timeout;
  deflate_rules deflate;
  inbound_rates::limits rates;
  bool binary_messages; ///< For what the session itself sends.
  bool enable_protocol_2;

private:
  /// Default with `conflate`, which is of no use for messages that the kernel
  /// holds already.
  static constexpr size_t conflated_unsent = 16 * 1024;

  /// Returns the maximum size of a compressed message. Compression can make a
  /// message larger, by at most an eighth with any reasonable encoder.
  static size_t max_deflated_size(size_t max_message_size) noexcept {
    return max_message_size + max_message_size / 8 + 64;
  }
};

} // namespace troupe::net
