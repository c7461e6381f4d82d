#pragma once

#include "troupe/decision.hpp"
#include "troupe/request.hpp"

#include <caf/error.hpp>
#include <caf/timespan.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace troupe {

/// Policy for a new connection whose id belongs to a live connection (C31).
enum class id_conflict : uint8_t {
  reject_new,  ///< Closes the new connection with 1008.
  replace_old, ///< Closes the old connection with 1008. Its id is free at once.
};

/// Policy for messages to a client whose send queue is full (C60). Control
/// frames and close frames are never dropped.
enum class overflow : uint8_t {
  disconnect,  ///< Closes the connection with 1013.
  drop_oldest, ///< Drops the messages that have waited longest.
  drop_newest, ///< Drops the new message.
  conflate,    ///< Keeps the newest message of each event, then as drop_oldest.
};

/// Describes how a handshake is refused. A handler may change it (C3).
struct handshake_error {
  unsigned status = 400; ///< Status of the HTTP response, 400 to 599.
  std::string body;      ///< Body of the response: plain text, UTF-8.
};

/// Settings of one WebSocket endpoint. Designated initializers set what differs
/// from the defaults: `config{.max_message_size = 1 << 20}`. With
/// `runtime_config`, each setting of a plain type is also an option of the same
/// name with dashes: `--ws.max-message-size=1048576`.
///
/// Time spans are limited to 365 days. "Reaction" says what happens when a
/// limit is exceeded.
struct config {
  /// Prefix that distinguishes events from other messages (C2). Must not be
  /// empty; should end with ':'.
  std::string event_prefix = "m:";

  /// If true, all data frames are sent as binary (C11), in both versions of the
  /// protocol: events, raw messages, and what only version 2 has, such as
  /// answers, hellos, beats and advice.
  bool binary_messages = false;

  /// If true, clients that offer the subprotocol `troupe.2` speak version 2 of
  /// the protocol (docs/protocol-2.md); all others speak version 1.
  bool enable_protocol_2 = true;

  /// Supported subprotocols in order of preference (C14). The handshake selects
  /// the first one that the client offers as well, or none. Each must be a
  /// token (RFC 9110 section 5.6.2) and occur once; comparison is
  /// case-sensitive.
  std::vector<std::string> subprotocols = {};

  /// If true, messages are compressed by permessage-deflate (RFC 7692) without
  /// context takeover for clients that offer it (C13). With `on_overflow` set
  /// to `conflate`, outbound messages are not compressed, since event names
  /// have to be readable in the send queue.
  bool enable_compression = false;

  /// Compression level, from 1 (fastest) to 9 (smallest).
  int compression_level = 1;

  /// Minimum size of a message to be compressed, in bytes of payload.
  size_t compression_threshold = 256;

  /// Maximum size of an inbound message, in bytes of payload after
  /// decompression (C10). Reaction: close code 1009. 1 to 2^30.
  size_t max_message_size = 64 * 1024;

  /// Maximum duration of the request and the handshake together (C5). Starts
  /// with the connection, or, for a further request on the same connection,
  /// with its first byte. Reaction: the socket is closed. More than 0.
  /// `listener_config::request_timeout` bounds the request head on every path;
  /// the shorter of the two applies.
  caf::timespan handshake_timeout = std::chrono::seconds{10};

  /// Maximum time without progress of a pending write (C6). Reaction: the
  /// connection ends with errc::write_timeout. More than 0.
  caf::timespan write_timeout = std::chrono::seconds{10};

  /// Maximum time between two messages or pongs from the client (C7). Reaction:
  /// close code 1008 and errc::read_timeout. 0: no limit; only `pong_timeout`
  /// detects dead peers.
  caf::timespan read_timeout = caf::timespan{0};

  /// Maximum time between a ping and the next frame from the client, usually
  /// the pong (C8). Reaction: the connection ends with errc::pong_timeout. More
  /// than `ping_period`.
  caf::timespan pong_timeout = std::chrono::seconds{60};

  /// Time without any frame from the client after which it gets a ping, and
  /// interval between further pings (C9). More than 0.
  caf::timespan ping_period = std::chrono::seconds{54};

  /// Time without any other message to a client of version 2 after which it
  /// gets a beat, by which it knows that the server is alive. More than 0.
  caf::timespan beat_period = std::chrono::seconds{25};

  /// Maximum time that the client may take to answer a close frame. Reaction:
  /// the socket is closed. More than 0.
  caf::timespan close_timeout = std::chrono::seconds{5};

  /// Minimum number of bytes by which the buffer grows that holds the received
  /// part of a message (C12). Held only while a message is incomplete. 256 to
  /// 2^24.
  size_t read_buffer_size = 4096;

  /// Number of bytes of output for one connection that are gathered before they
  /// are written without waiting for the end of the turn (C12). 256 to 2^24.
  size_t write_buffer_size = 256 * 1024;

  /// Maximum number of bytes in the send queue of a connection (C60). A single
  /// message of any size may wait alone. Reaction: `on_overflow`. At least
  /// `max_message_size`.
  size_t max_queue_bytes = 4 * 1024 * 1024;

  /// Maximum number of messages in the send queue of a connection (C60).
  /// Reaction: `on_overflow`. At least 1.
  size_t max_queue_messages = 64 * 1024;

  /// Policy for messages to a slow receiver beyond `max_queue_bytes` or
  /// `max_queue_messages` (C60).
  overflow on_overflow = overflow::disconnect;

  /// Number of bytes that the kernel may hold for a connection and has not sent
  /// yet (TCP_NOTSENT_LOWAT); it rounds up to about 40 KiB. Reaction: further
  /// output waits in the send queue, where `on_overflow` can still drop it. 0:
  /// 16 KiB with `on_overflow` set to `conflate`, else what the kernel allows,
  /// usually 4 MiB. At most 2^30. What the client's kernel has received and the
  /// client has not read yet counts as sent.
  size_t max_unsent_bytes = 0;

  /// Maximum number of bytes that one callback of a connection may send to
  /// rooms and other connections, including what earlier callbacks sent and
  /// still waits. These messages stay in memory until the callback returns. A
  /// single message of any size is always accepted. Reaction: further messages
  /// are dropped, and the connection gets errc::too_much_output via `on_error`;
  /// with `on_overflow` set to `disconnect`, it is also closed with 1013. At
  /// least 1.
  ///
  /// Messages to its own client are limited by `max_queue_bytes` instead. For a
  /// server, the same limit applies to messages and commands in its own name:
  /// see `server::to` and `server::join`.
  size_t max_output_bytes = 64 * 1024 * 1024;

  /// Maximum number of bytes from rooms of one server that may wait for the
  /// connections of one thread, for example while a handler blocks that thread.
  /// A single batch of any size may wait. Reaction: further messages are lost
  /// for these connections. With `on_overflow` set to `disconnect` they are
  /// closed with 1013 and errc::slow_receiver, else they get
  /// errc::messages_dropped via `on_error`. At least 1.
  size_t max_backlog_bytes = 64 * 1024 * 1024;

  /// Maximum number of requests of a client that are not answered yet, and of
  /// requests to a client. Reaction: further ones fail with `busy`. At least 1.
  size_t max_requests = 64;

  /// Maximum number of rooms that a connection may be in. Reaction: the join
  /// fails with errc::too_many_rooms, which is also reported via `on_error`. At
  /// least 1.
  size_t max_rooms_per_connection = 128;

  /// Maximum number of rooms of a server, including rooms whose members are all
  /// on other nodes. Reaction: a join that would create another room fails with
  /// errc::too_many_rooms. At least 1.
  size_t max_rooms = 100'000;

  /// Maximum number of batches that a room sends to a member that is not a
  /// connection before the member has processed the first of them. Its mailbox
  /// holds at most twice as many from each room. Reaction: the member is
  /// removed from the room and gets `member_removed`. At least 1.
  size_t max_unread_batches = 1024;

  /// Maximum number of bytes in these batches. A single batch of any size may
  /// wait alone. Reaction: as for `max_unread_batches`. At least 1.
  size_t max_unread_bytes = 16 * 1024 * 1024;

  /// Maximum number of inbound messages that the actor of a connection accepts
  /// before it has processed the first of them, including pings and pongs if
  /// the connection has handlers for these. Reaction: the socket is not read
  /// until a message has been processed. At least 1.
  uint32_t inbound_credit = 32;

  /// Maximum number of messages per second from the client, averaged: twice as
  /// many may come at once. Reaction: the socket is not read until there is
  /// room again; if the client has been ahead for 5 s, close code 1008 and
  /// errc::rate_exceeded. 0: no limit.
  uint32_t max_messages_per_second = 0;

  /// Maximum number of bytes per second in messages from the client, after
  /// decompression, averaged: twice as many may come at once. Reaction: as for
  /// `max_messages_per_second`. 0: no limit; otherwise at least
  /// `max_message_size`.
  size_t max_bytes_per_second = 0;

  /// Maximum number of pings, pongs and empty fragments per second from the
  /// client, averaged: twice as many may come at once. Reaction: close code
  /// 1008 and errc::rate_exceeded. 0: no limit.
  uint32_t max_control_frames_per_second = 50;

  /// If true, handshakes are accepted from pages of every origin (C4).
  /// @warning Unsafe: any web page may act in the name of a visitor.
  bool allow_any_origin = false;

  /// Origins from which handshakes are accepted, in addition to the same origin
  /// (C4), such as `https://example.org:8443`. Comparison is case-insensitive
  /// and includes the port. `https://*.example.org` matches all subdomains, but
  /// not `example.org` itself. `null` and `file://` stand for pages without an
  /// origin, as of native applications.
  /// @warning Unsafe: any web page can send `null`, from a sandboxed frame.
  std::vector<std::string> allowed_origins = {};

  /// Decides whether to accept a handshake by its origin, in place of
  /// `allow_any_origin` and `allowed_origins` (C4). If not set, a request is
  /// accepted if it has no Origin header, if its Origin is that of
  /// `listener_config::public_url`, or, without one, if host and port of its
  /// Origin equal the Host header (case-insensitive) and its scheme is that of
  /// the request, or `http` or `https` if that is unknown, or if
  /// `allowed_origins` matches. Called on a runtime thread, or on the thread
  /// that calls `server::upgrade`. Must not block. If it throws, the handshake
  /// is refused.
  std::function<bool(const request&)> check_origin = nullptr;

  /// Decides who may connect, after all other checks of the handshake. Calls
  /// `accept` or `refuse` of the decision, at once or later and on any thread;
  /// meanwhile nothing is read from the client. If `handshake_timeout` passes
  /// before, the handshake is refused with 503. To let an actor decide, send it
  /// `msg::authorize`. If not set, all handshakes are accepted.
  ///
  /// Called by listeners, on a runtime thread; not by `server::upgrade`, since
  /// the program decides itself before it calls that. Must not block. If it
  /// throws, the handshake is refused with 500.
  std::function<void(const request&, decision)> authorize = nullptr;

  /// Decides who a client is by its credentials: for a client of version 2 of
  /// the protocol the member `auth` of its hello, null if it has none
  /// (docs/protocol-2.md). A client of version 1 sends no hello; the function
  /// is called for it with null, once. Calls `accept` or `refuse` of the
  /// decision, at once or later and on any thread. To let an actor decide, send
  /// it `msg::authenticate`. If not set, all clients are accepted.
  ///
  /// The first hello of a client comes before its connection exists: nobody
  /// sees it and nothing else is read from it, until it is accepted. If
  /// `handshake_timeout` passes before, the client is closed with 1008 and the
  /// reason `expired`. Each further hello renews the right of the client. A
  /// refused one changes nothing, and neither does one that comes while the
  /// decision about another is open: it is answered with `busy`.
  ///
  /// `accept` with a principal replaces `connection::principal` and the end of
  /// the right, `until`, those of `authorize` included; `accept` without one
  /// leaves both as they are. `refuse` with a status below 500 refuses the
  /// client: it gets the body as the text of the error `refused`, and close
  /// code 1008 after the first hello. With a status of 500 or more, as when the
  /// decision is dropped or the function throws, the error is `failed` and the
  /// close code 1011. Header fields and the subprotocol of the decision are
  /// ignored.
  ///
  /// Called on the thread of the connection, also for connections of
  /// `server::upgrade`. Must not block.
  std::function<void(const request&, const nlohmann::json& auth, decision)>
    authenticate = nullptr;

  /// Called before a request for this endpoint is refused (C3), whether it is
  /// not a valid handshake (400, 405, 426, 501), comes from an origin that is
  /// not allowed (403), `authorize` refuses it, or the endpoint has failed
  /// (503). May change status and body; a status out of range is ignored. A
  /// listener does not call it for input that is not HTTP and for requests that
  /// time out, since these do not belong to an endpoint. Called on a runtime
  /// thread, or on the thread that calls `server::upgrade`. Must not block. If
  /// it throws, the refusal remains unchanged.
  std::function<void(const request&, handshake_error&)> on_handshake_error
    = nullptr;

  /// Returns the id of a new connection (C1). If not set, the id is a random
  /// UUID followed by the name of the node: see `node_of`. The result must be 1
  /// to 255 bytes of UTF-8, and neither a reserved name nor a default id of
  /// another node; otherwise, or if the function throws, the connection is
  /// closed with 1008. Called on a runtime thread, or on the thread that calls
  /// `server::upgrade`. Must not block.
  std::function<std::string(const request&)> id_generator = nullptr;

  /// Policy for two connections in the cluster with the same id (C31). Must be
  /// the same on all nodes. If two connections already have the same id when
  /// their nodes connect, for example after a network partition, `reject_new`
  /// keeps the older connection and `replace_old` the newer one, by the clocks
  /// of the nodes. The other connection is closed with 1008, and subscribers on
  /// its node get `id_lost`.
  id_conflict on_id_conflict = id_conflict::reject_new;

  /// Checks all settings.
  /// @returns none, or errc::invalid_config with the name and the value of the
  ///          first invalid setting.
  [[nodiscard]] caf::error validate() const;
};

/// Returns settings as close as possible to the defaults of the original
/// (docs/contract.md), for programs that are ported from it (C15): messages of
/// at most 1024 bytes, buffers of 4096 bytes, no compression threshold, every
/// origin accepted, and status 503 for each refused handshake. Where the
/// original has no time limit, `handshake_timeout` and `write_timeout` have
/// their maximum. Limits on memory, which the original lacks, keep their
/// defaults.
///
/// In an app, assign the result to `runtime_config::ws` before `run`; options
/// then override it.
/// @warning Unsafe: since every origin is accepted, any web page may act in the
///          name of a visitor.
config iris_compat_config();

/// Returns `iris_compat_config()`. Earlier name of that function.
inline config seed_compat() {
  return iris_compat_config();
}

} // namespace troupe
