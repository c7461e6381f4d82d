#pragma once

#include "troupe/request.hpp"

#include <caf/error.hpp>
#include <caf/timespan.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace troupe {

/// What becomes of a connection whose id another, live one has (C31).
enum class id_conflict : uint8_t {
  reject_new,  ///< The new one is refused: close 1008.
  replace_old, ///< The old one is closed with 1008 and gone at once.
};

/// What becomes of a message for a client whose queue is full (C60). Control
/// frames and the end are never dropped.
enum class overflow : uint8_t {
  disconnect,  ///< The client is disconnected: close 1013.
  drop_oldest, ///< What waits longest makes room.
  drop_newest, ///< The message is dropped.
  conflate,    ///< Of each event only the newest waits; then as drop_oldest.
};

/// How a handshake is refused; a handler may change it (C3).
struct handshake_error {
  unsigned status = 400; ///< Of the HTTP response, 400 to 599.
  std::string body;      ///< Why, in words: plain text, UTF-8.
};

/// The settings of one WebSocket endpoint. Fill in what differs:
/// `config{.max_message_size = 1 << 20}`. In the apps every plain field is an
/// option of the same name with dashes: `--ws.max-message-size=1048576`.
/// No time span may be longer than 365 days.
struct config {
  /// What marks an event at the start of a message (C2). Not empty; should end
  /// in a ':'.
  std::string event_prefix = "m:";

  /// Sends every data frame as binary (C11).
  bool binary_messages = false;

  /// What the server speaks, the most preferred first (C14). The first that the
  /// client offers, too, is chosen; if there is none, none is. Each a token
  /// (RFC 9110 section 5.6.2), compared with case, and there once.
  std::vector<std::string> subprotocols = {};

  /// Compresses messages by permessage-deflate (RFC 7692) without context
  /// takeover, if the client offers it (C13). What is sent with `on_overflow`
  /// `conflate` is not compressed: names of events could not be read in it.
  bool enable_compression = false;

  /// 1, fast, to 9, small.
  int compression_level = 1;

  /// Smaller messages are not compressed; in bytes of payload.
  size_t compression_threshold = 256;

  /// Largest inbound message, in bytes of payload after inflating (C10).
  /// Reaction: close 1009.
  /// 1 to 2^30.
  size_t max_message_size = 64 * 1024;

  /// How long a client may take for its request and the handshake in all (C5),
  /// from the connection's beginning, or, if it asked for something else
  /// before, from the request's first byte. More than 0. Reaction: the socket
  /// is closed. `listener_config::request_timeout` bounds the head on any path,
  /// so the shorter of the two counts.
  caf::timespan handshake_timeout = std::chrono::seconds{10};

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

  /// Bytes to read at once of a message that is larger (C12); held while such a
  /// message is under way. 256 to 2^24.
  size_t read_buffer_size = 4096;

  /// Bytes of output that are gathered for a connection before they are written
  /// ahead of the turn's end (C12). 256 to 2^24.
  size_t write_buffer_size = 256 * 1024;

  /// Most bytes that may wait for a slow receiver (C60). Reaction:
  /// `on_overflow`. At least `max_message_size`.
  size_t max_queue_bytes = 4 * 1024 * 1024;

  /// Most messages that may wait for a slow receiver (C60). Reaction:
  /// `on_overflow`. At least 1.
  size_t max_queue_messages = 64 * 1024;

  /// What happens to messages for a slow receiver beyond these (C60).
  overflow on_overflow = overflow::disconnect;

  /// Most bytes that one callback of a connection may send to others, with what
  /// still waits of those before it: it all stays in memory until the callback
  /// is over. One message of any size may go. What goes to its own client is
  /// bounded as above. Reaction: what is more is dropped, and on_error is told
  /// errc::too_much_output; with `on_overflow` `disconnect` the connection
  /// ends, too: close 1013. At least 1.
  size_t max_output_bytes = 64 * 1024 * 1024;

  /// Most bytes that the rooms of a server may have for the connections of one
  /// thread that comes round late, such as one that a handler holds. One batch
  /// of any size may wait. Reaction: what is more is lost to these connections,
  /// which is told as `on_overflow` says: they end with close 1013 and
  /// errc::slow_receiver, or on_error is told errc::messages_dropped. At least
  /// 1.
  size_t max_backlog_bytes = 64 * 1024 * 1024;

  /// Most rooms that a connection may be in. Reaction: the join fails with
  /// errc::too_many_rooms, which on_error is told, too. At least 1.
  size_t max_rooms_per_connection = 128;

  /// Most rooms that a server may have, those that have members on other nodes
  /// only included. Reaction: a join that would make another one is refused
  /// with errc::too_many_rooms. At least 1.
  size_t max_rooms = 100'000;

  /// Most batches that a room sends an actor that is a member of it, and no
  /// connection, before it has read the first of them: so twice as many may
  /// wait in its mailbox. Reaction: the actor is no member any more and told
  /// `member_removed`. At least 1.
  size_t max_unread_batches = 1024;

  /// The same in bytes; one batch of any size may wait alone. At least 1.
  size_t max_unread_bytes = 16 * 1024 * 1024;

  /// Inbound messages that a connection's actor takes in before it has dealt
  /// with the first, with the pings and pongs that somebody wants; the socket
  /// rests meanwhile. At least 1.
  uint32_t inbound_credit = 32;

  /// Accepts WebSocket handshakes from pages of every origin. A loud opt-out:
  /// any web page may then act in the name of a visitor (C4).
  bool allow_any_origin = false;

  /// Origins besides its own that may shake hands (C4), such as
  /// `https://example.org:8443`, compared without case; a port of its own
  /// makes another origin. `https://*.example.org` allows every name below, not
  /// `example.org` itself.
  std::vector<std::string> allowed_origins = {};

  /// Decides about a handshake by its Origin, instead of the two above (C4).
  /// Empty: the same origin and `allowed_origins`. The same is no Origin
  /// header, or one whose host and port equal Host, compared without case.
  /// Called on a runtime thread; must not block or throw.
  std::function<bool(const request&)> check_origin = nullptr;

  /// Called before a request for this endpoint is refused, for whatever reason
  /// (C3): no handshake (400, 405, 426), another origin (403). Not for what is
  /// no HTTP or comes too late, which is for no endpoint yet. A status out of
  /// range counts as not changed. Called on a runtime thread, or the one that
  /// calls `server::upgrade`; must not block or throw.
  std::function<void(const request&, handshake_error&)> on_handshake_error
    = nullptr;

  /// Names a connection (C1). Empty: a random UUID and the node's name, see
  /// `node_of`. The result must be UTF-8 of 1 to 255 bytes, no reserved name
  /// and no default id of another node, else the connection is refused with
  /// close code 1008. Called on a runtime thread, or the one that calls
  /// `server::upgrade`; must not block.
  std::function<std::string(const request&)> id_generator = nullptr;

  /// What happens when two connections of the cluster ask for one id (C31); the
  /// same on all its nodes. Those that find out later that they have the same,
  /// on two nodes that meet, are judged by who came first, by the nodes'
  /// clocks: close 1008 and `id_lost`.
  id_conflict on_id_conflict = id_conflict::reject_new;

  /// Says in words which setting is wrong and with which value.
  /// @returns none if all is well, else errc::invalid_config.
  caf::error validate() const;
};

/// Settings that are as near to the defaults of the original (docs/contract.md)
/// as can be (C15), for programs that come from there: messages of at most 1024
/// bytes, buffers of 4096, any origin (a web page of anybody may act in the
/// name of a visitor), and 503 for every refused handshake. Where the original
/// knew no bound, `handshake_timeout` and `write_timeout` are the longest
/// possible; the bounds on memory, which it lacked, stay ours. In an app assign
/// it to `runtime_config::ws` before `run`: options then change it like any
/// settings.
config iris_compat_config();

/// The earlier name of `iris_compat_config`.
inline config seed_compat() {
  return iris_compat_config();
}

/// The settings of an HTTP port. Time spans: more than 0, at most 365 days.
struct listener_config {
  /// A name or a numeric address, IPv4 or IPv6. The default keeps the door to
  /// this machine only.
  std::string host = "127.0.0.1";

  /// 0 picks a free one; `listener::port()` tells which.
  uint16_t port = 8080;

  /// Largest request head in bytes. Reaction: 431. 512 to 2^20.
  size_t max_header_size = 8 * 1024;

  /// How long a request head may take from its first byte, or from the
  /// connection's beginning (C5). Reaction: the socket is closed.
  caf::timespan request_timeout = std::chrono::seconds{10};

  /// How long a connection may wait idle for its next request.
  caf::timespan keep_alive_timeout = std::chrono::seconds{60};

  caf::error validate() const;
};

} // namespace troupe
