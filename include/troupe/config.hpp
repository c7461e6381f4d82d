#pragma once

#include "troupe/decision.hpp"
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

  /// If true, all data frames are sent as binary (C11).
  bool binary_messages = false;

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
  /// the request, if known, or if `allowed_origins` matches.
  /// Called on a runtime thread, or on the thread that calls `server::upgrade`.
  /// Must not block. If it throws, the handshake is refused.
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

/// Which certificates the clients of a TLS port need.
enum class client_auth : uint8_t {
  none,    ///< Clients are not asked for a certificate.
  request, ///< Clients may have one; it must be valid then.
  require, ///< A handshake without a valid certificate fails.
};

/// Lowest accepted version of TLS.
enum class tls_version : uint8_t {
  v1_2, ///< RFC 5246. Option value: `1.2`.
  v1_3, ///< RFC 8446. Option value: `1.3`.
};

/// TLS settings of an HTTP port, for `https` and `wss`. The files are read by
/// `listener::start` and `listener::reload`.
struct tls_config {
  /// PEM files, each with a certificate followed by its intermediate
  /// certificates. If empty, the port is not encrypted. Clients that name a
  /// host (SNI) get the first certificate for that name; all others get the
  /// first of the list. An RSA and an ECDSA certificate with the same names
  /// serve different clients; without a reason for RSA, ECDSA with P-256 is
  /// faster.
  std::vector<std::string> certificates = {};

  /// PEM files with the private keys, in the order of `certificates`. Must not
  /// be encrypted, nor readable by all users.
  std::vector<std::string> keys = {};

  /// PEM file with the certificate authorities of the clients. Needed unless
  /// `client_auth` is `none`.
  std::string client_ca = {};

  /// Which certificates clients need.
  troupe::client_auth client_auth = troupe::client_auth::none;

  /// Lowest accepted version of TLS.
  tls_version min_version = tls_version::v1_2;

  /// Time for which browsers shall use TLS only: the `max-age` of
  /// Strict-Transport-Security (RFC 6797). 0: the header is not sent. Applies
  /// to all ports of the host, and cannot be taken back.
  caf::timespan hsts = caf::timespan{0};

  /// Returns whether the port is encrypted.
  bool is_enabled() const noexcept {
    return !certificates.empty();
  }
};

/// Header in which a proxy names its client.
enum class forwarding_header : uint8_t {
  none,            ///< No header is read.
  x_forwarded_for, ///< X-Forwarded-For, and X-Forwarded-Proto for the scheme.
  forwarded,       ///< Forwarded (RFC 7239).
};

/// Limits for the clients of an HTTP port. Connections of all ports of a
/// process count together. Those that are passed to `server::upgrade` do not
/// count.
///
/// Limits per address are for one IPv4 address or one /64 network in IPv6. They
/// do not apply to addresses of this machine's loopback interface and to
/// `listener_config::trusted_proxies`, since these may stand for many clients.
struct connection_limits {
  /// Maximum number of connections of the process, HTTP and WebSocket together.
  /// Reaction: status 503. 0: as many as the process may have file descriptors
  /// (RLIMIT_NOFILE), less 64 or a quarter if that is fewer.
  size_t connections = 0;

  /// Maximum number of connections from one address. Reaction: status 429. 0:
  /// no limit.
  size_t connections_per_address = 0;

  /// Maximum number of connections whose first request is not complete.
  /// Reaction: of the address with the most of them, the oldest one is closed.
  /// At least 1.
  size_t pending = 1024;

  /// Maximum number of such connections from one address. Reaction: the oldest
  /// one of this address is closed. 0: no limit.
  size_t pending_per_address = 64;

  /// Maximum number of new connections per second from one address, averaged:
  /// as many as in two seconds may come at once. Behind a proxy that names its
  /// clients in a header, handshakes count instead. Reaction: status 429. 0: no
  /// limit.
  uint32_t handshakes_per_second = 0;

  /// Prefixes of the clients that are served, such as `10.0.0.0/8`,
  /// `2001:db8::/32` or `192.0.2.1`. Empty: all. Reaction: the socket is closed
  /// at once; behind a proxy that names its clients in a header, status 403.
  std::vector<std::string> allow = {};

  /// Prefixes of the clients that are not served, even if `allow` has them.
  /// Reaction: as for `allow`.
  std::vector<std::string> deny = {};
};

/// Settings of an HTTP port. Time spans must be more than 0 and at most 365
/// days.
struct listener_config {
  /// Name or numeric address to listen on, IPv4 or IPv6. The default accepts
  /// connections from this machine only.
  std::string host = "127.0.0.1";

  /// TCP port; 0 selects a free port, which `listener::start` returns.
  uint16_t port = 8080;

  /// Maximum size of a request head in bytes. Reaction: status 431. 512 to
  /// 2^20.
  size_t max_header_size = 8 * 1024;

  /// Maximum duration of a request head, from the start of the connection or,
  /// for further requests, from the first byte (C5). Reaction: the socket is
  /// closed.
  caf::timespan request_timeout = std::chrono::seconds{10};

  /// Maximum time between a response and the first byte of the next request,
  /// including the time that the client takes to read the response. Reaction:
  /// the socket is closed.
  caf::timespan keep_alive_timeout = std::chrono::seconds{60};

  /// Maximum number of requests that wait for the program: for a decision of
  /// `config::authorize` or for a response to a handler of `listener::get`.
  /// Reaction: status 503. At least 1.
  size_t max_waiting_requests = 256;

  /// Maximum time for a response to a handler of `listener::get`. Reaction:
  /// status 503.
  caf::timespan response_timeout = std::chrono::seconds{30};

  /// TLS; disabled by default. On a TLS port, unencrypted requests are
  /// redirected to `https` with status 308, and WebSocket handshakes refused
  /// with 403.
  tls_config tls = {};

  /// Maximum number of requests on one connection. Reaction: the last response
  /// ends the connection. At least 1.
  size_t max_requests_per_connection = 1000;

  /// Addresses of proxies as prefixes, such as `10.0.0.0/8` or `::1`. What they
  /// say of their clients is believed: see `proxy_header` and `proxy_protocol`.
  std::vector<std::string> trusted_proxies = {};

  /// The header from which the address of a client is taken if the peer is one
  /// of `trusted_proxies`. Read from the right: the client is the first address
  /// that is not a trusted proxy. The proxies must set this header or append to
  /// it, since everything further left is up to the client.
  forwarding_header proxy_header = forwarding_header::none;

  /// If true, each connection must begin with a header of the PROXY protocol,
  /// version 1 or 2, which names the client. Only `trusted_proxies` may
  /// connect. Reaction to other peers and other bytes: the socket is closed.
  bool proxy_protocol = false;

  /// Values of the Host header that are served, without port, such as
  /// `chat.example.org` or `*.example.org` for all subdomains; `*` for all.
  /// Numeric addresses and the host of `public_url` are always served. If empty
  /// and `host` is a loopback address, `localhost` is served as well;
  /// otherwise, if empty, all hosts are. This keeps pages of other sites from
  /// reaching a local server under a name of theirs (DNS rebinding). Reaction:
  /// status 421.
  std::vector<std::string> allowed_hosts = {};

  /// The URL under which clients reach the port, such as
  /// `https://chat.example.org`, if it is not that of the port. Then the same
  /// origin is this one (see `config::check_origin`), and `listener::url`
  /// returns it. A scheme, a host and optionally a port; no path.
  std::string public_url = {};

  /// Limits for connections and addresses.
  connection_limits limits = {};

  /// Checks all settings.
  /// @returns none, or errc::invalid_config with the name and the value of the
  ///          first invalid setting.
  [[nodiscard]] caf::error validate() const;
};

} // namespace troupe
