#pragma once

#include <caf/error.hpp>
#include <caf/timespan.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe {

/// Which certificates the clients of a TLS port need. Unless it is `none`,
/// sessions cannot be resumed, so each connection sends its certificate.
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
/// `listener::start` and `listener::reload`; they must be regular files, or
/// symbolic links to such, so that reading them does not block.
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
/// process count together, but for `listener_config::for_operators`. Those that
/// are passed to `server::upgrade` do not count.
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

  /// Maximum size of the output of all WebSocket connections that waits for
  /// clients, in bytes. Measured about four times a second; bytes that are
  /// shared by several connections count for each. Reaction: connections with
  /// more than an equal share, but at least 64 KiB, lose it as if they exceeded
  /// `config::max_queue_bytes`, until the rest is within the limit. Only the
  /// limit of `runtime_config::http` counts. 0: a quarter of the memory that
  /// the process may use.
  size_t queued_bytes = 0;

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

  /// Maximum size of the body of a request for `listener::post`, in bytes.
  /// Reaction: status 413. 0: no bodies; at most 2^30. All bodies that are
  /// being read or wait for the program may take `max_waiting_requests` times
  /// as much together, and those of one address a quarter of that, or one body.
  /// Reaction: status 503. What `connection_limits` says of addresses applies.
  size_t max_body_size = 64 * 1024;

  /// Maximum duration of a request, head and body, from the start of the
  /// connection or, for further requests, from the first byte (C5). Reaction:
  /// the socket is closed.
  caf::timespan request_timeout = std::chrono::seconds{10};

  /// Maximum time between a response and the first byte of the next request,
  /// including the time that the client takes to read the response. Reaction:
  /// the socket is closed.
  caf::timespan keep_alive_timeout = std::chrono::seconds{60};

  /// Maximum number of requests that wait for the program: for a decision of
  /// `config::authorize` or for a response to a handler. One address gets a
  /// quarter of it, or one. Reaction: status 503. At least 1. What
  /// `connection_limits` says of addresses applies.
  size_t max_waiting_requests = 256;

  /// Maximum time for a response to a handler. Reaction: status 503.
  caf::timespan response_timeout = std::chrono::seconds{30};

  /// TLS; disabled by default. On a TLS port, unencrypted requests are
  /// redirected to `https` with status 308, or refused with 400 if there is no
  /// host to redirect to, and WebSocket handshakes refused with 403.
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

  /// Hosts that are served (`request::host`), without port, such as
  /// `chat.example.org` or `*.example.org` for all subdomains; `*` for all.
  /// Numeric addresses and the host of `public_url` are always served, and
  /// `localhost` if `host` is a loopback address; if it is not, and the list is
  /// empty, all hosts are. This keeps pages of other sites from reaching a
  /// local server under a name of theirs (DNS rebinding). Reaction: status 421.
  std::vector<std::string> allowed_hosts = {};

  /// The URL under which clients reach the port, such as
  /// `https://chat.example.org`, if it is not that of the port. Then the same
  /// origin is this one (see `config::check_origin`), and `listener::url`
  /// returns it. A scheme, a host and optionally a port; no path.
  std::string public_url = {};

  /// Whether the port is for those who run the program, such as that of
  /// `admin_config::listen`. The connections of all such ports count together,
  /// and not with those of other ports, so the port can be reached when the
  /// others are full. `limits` should be small then, since the file descriptors
  /// are those that other ports leave.
  bool for_operators = false;

  /// Limits for connections and addresses.
  connection_limits limits = {};

  /// Checks all settings.
  /// @returns none, or errc::invalid_config with the name and the value of the
  ///          first invalid setting.
  [[nodiscard]] caf::error validate() const;
};

} // namespace troupe
