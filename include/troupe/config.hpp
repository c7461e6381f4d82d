#pragma once

#include "troupe/request.hpp"

#include <caf/error.hpp>
#include <caf/timespan.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace troupe {

/// The settings of one WebSocket endpoint. Fill in what differs:
/// `config{.max_message_size = 1 << 20}`. In the apps every plain field is an
/// option of the same name with dashes: `--troupe.max-message-size=1048576`.
/// No time span may be longer than 365 days.
struct config {
  /// What marks an event at the start of a message (C2). Not empty; should end
  /// in a ':'.
  std::string event_prefix = "m:";

  /// Sends every data frame as binary (C11).
  bool binary_messages = false;

  /// Largest inbound message, in bytes of payload (C10). Reaction: close 1009.
  /// 1 to 2^30.
  size_t max_message_size = 64 * 1024;

  /// A write that makes no progress for this long ends the connection (C6).
  /// More than 0.
  caf::timespan write_timeout = std::chrono::seconds{10};

  /// No message and no pong for this long ends the connection (C7). 0: never;
  /// `pong_timeout` alone finds dead peers.
  caf::timespan read_timeout = caf::timespan{0};

  /// No pong, nor any other frame, within this time of a ping: the peer is dead
  /// and the connection ends (C8). More than `ping_period`.
  caf::timespan pong_timeout = std::chrono::seconds{60};

  /// How often a quiet peer is pinged (C9). More than 0.
  caf::timespan ping_period = std::chrono::seconds{54};

  /// How long the peer may take to answer a close frame. More than 0.
  caf::timespan close_timeout = std::chrono::seconds{5};

  /// Most bytes that may wait for a slow receiver (C60). Reaction: close 1013.
  /// At least `max_message_size`.
  size_t max_queue_bytes = 4 * 1024 * 1024;

  /// Most messages that may wait for a slow receiver (C60). Reaction: close
  /// 1013. At least 1.
  size_t max_queue_messages = 64 * 1024;

  /// Inbound messages that a connection's actor takes in before it has dealt
  /// with the first; the socket rests meanwhile. At least 1.
  uint32_t inbound_credit = 32;

  /// Accepts WebSocket handshakes from pages of every origin. A loud opt-out:
  /// any web page may then act in the name of a visitor (C4).
  bool allow_any_origin = false;

  /// Decides about a handshake by its Origin (C4). Empty: the same origin only,
  /// that is no Origin header, or one whose host and port equal Host, compared
  /// without case. Called on a runtime thread; must not block or throw.
  std::function<bool(const request&)> check_origin;

  /// Names a connection (C1). Empty: a random UUID. The result must be 1 to 255
  /// bytes and no reserved name. Called on a runtime thread; must not block.
  std::function<std::string(const request&)> id_generator;

  /// Says in words which setting is wrong and with which value.
  /// @returns none if all is well, else errc::invalid_config.
  caf::error validate() const;
};

/// The settings of an HTTP port. Time spans: more than 0, at most 365 days.
struct listener_config {
  /// A name or a numeric address, IPv4 or IPv6. The default keeps the door to
  /// this machine only.
  std::string host = "127.0.0.1";

  /// 0 picks a free one; `listener::port()` tells which.
  uint16_t port = 8080;

  /// Largest request head in bytes. Reaction: 431. 512 to 2^20.
  size_t max_header_size = 8 * 1024;

  /// How long a request head and the handshake may take in all (C5).
  /// Reaction: the socket is closed.
  caf::timespan handshake_timeout = std::chrono::seconds{10};

  /// How long a connection may wait idle for its next request.
  caf::timespan keep_alive_timeout = std::chrono::seconds{60};

  caf::error validate() const;
};

} // namespace troupe
