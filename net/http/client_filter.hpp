#pragma once

#include "net/http/allowed_hosts.hpp"
#include "net/http/forwarding.hpp"
#include "net/runtime/address_table.hpp"
#include "net/runtime/pending_table.hpp"
#include "net/runtime/refusal_log.hpp"
#include "net/runtime/socket.hpp"
#include "net/runtime/worker.hpp"
#include "troupe/listener.hpp"
#include "troupe/listener_config.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace troupe::net {

/// Decides which connections and requests a port accepts, by the address of the
/// client, by the host that it asks for and by `connection_limits`. Counts and
/// logs those that it refuses. Thread-safe.
class client_filter {
public:
  explicit client_filter(const listener_config& cfg);

  /// Logs settings that do not fit the system or leave something open.
  void tell_settings() const;

  listener_stats stats() const;

  // -- sockets ----------------------------------------------------------------

  /// Checks a new connection. The client is the peer unless connections begin
  /// with a header of the PROXY protocol.
  /// @param place receives the place of the connection.
  /// @returns whether to keep it; otherwise the peer has got a response.
  bool accept(const descriptor& socket, connection_place& place,
              const tcp::endpoint& peer);

  /// Checks the client that a header of the PROXY protocol names.
  /// @returns whether to keep the connection; otherwise the client has got a
  ///          response.
  bool assign(const descriptor& socket, connection_place& place,
              const tcp::endpoint& client);

  /// Counts and logs a peer without a valid header of the PROXY protocol.
  void refuse_proxy(const tcp::endpoint& peer, std::string_view why);

  /// Bounds the connections whose first request is not complete; may close
  /// another one.
  /// @param x     belongs to an object that this one outlives.
  /// @param close closes the connection; called on the thread of `event_loop`.
  void await_request(pending_table::entry& x, const base::ip_address& peer,
                     worker& event_loop, std::function<void()> close);

  // -- requests ---------------------------------------------------------------

  /// Returns what limits for addresses apply to: `none` for addresses that may
  /// stand for many clients.
  address_key key_of(const base::ip_address& client) const;

  /// Returns who sends `head` through `peer`.
  client_end client_of(const client_end& peer, const http_request& head) const {
    return proxies_.client_of(peer, head);
  }

  /// Checks the host and the client of a request whose head is valid.
  /// @returns the reason for refusal, which is logged, or nothing.
  std::optional<refusal> check(const request& req,
                               const base::ip_address& client);

  /// Assigns the connection of a handshake to the client that a header names.
  /// @returns the reason for refusal, which is logged, or nothing.
  std::optional<refusal> admit(connection_place& place,
                               const base::ip_address& client);

private:
  enum class verdict : uint8_t {
    accepted,
    denied,   ///< By `allow` or `deny`.
    full,     ///< There are too many connections.
    too_many, ///< The address has.
    too_fast, ///< The address opens them too fast.
  };

  struct counters {
    std::atomic<uint64_t> accepted = 0;
    std::atomic<uint64_t> refused = 0;
    std::atomic<uint64_t> requests_refused = 0;
    std::atomic<uint64_t> pending_closed = 0;
    std::atomic<uint64_t> hosts_refused = 0;
    std::atomic<uint64_t> proxies_refused = 0;
  };

  static refusal to_refusal(verdict x);

  verdict enter(connection_place& place) const;
  verdict assign(connection_place& place, const base::ip_address& client) const;
  bool serves(const base::ip_address& client) const noexcept;
  void turn_away(const descriptor& socket, const base::ip_address& client,
                 verdict why);
  void tell(const base::ip_address& client, refusal& why);
  void tell(const base::ip_address& client, std::string_view what);

  address_table& connections_;
  pending_table& waiting_;
  const forwarding proxies_;
  const allowed_hosts hosts_;
  const bool proxy_protocol_;
  const bool is_encrypted_; ///< Clients do not understand plain responses.
  const base::ip_prefixes allow_;
  const base::ip_prefixes deny_;
  const size_t max_connections_;
  const address_table::limits of_address_;
  const pending_table::limits pending_;
  counters stats_;
  refusal_log refusals_;
};

} // namespace troupe::net
