#pragma once

#include "base/ip_prefix.hpp"
#include "net/http/http_checks.hpp"
#include "troupe/listener_config.hpp"

#include <cstdint>

namespace troupe::net {

/// Who sends a request.
struct client_end {
  base::ip_address address; ///< Unmapped.
  uint16_t port = 0;        ///< 0 if unknown.
  url_scheme scheme = url_scheme::unknown;
};

/// Finds the clients behind trusted proxies. Thread-safe.
class forwarding {
public:
  explicit forwarding(const listener_config& cfg);

  /// Returns whether `x` is a trusted proxy.
  bool trusts(const base::ip_address& x) const noexcept {
    return base::contains(trusted_, x);
  }

  /// Returns whether the peer `x` names its clients in a header.
  bool has_clients(const base::ip_address& x) const noexcept {
    return header_ != forwarding_header::none && trusts(x);
  }

  /// Returns the client that has sent `head` through `peer`: the first address
  /// in the header, from the right, that is not a trusted proxy. What is no
  /// address ends the search at the last proxy, since everything further left
  /// may be invented.
  client_end client_of(const client_end& peer, const http_request& head) const;

private:
  client_end from_list(client_end peer, const http_request& head) const;
  client_end from_elements(client_end peer, const http_request& head) const;

  base::ip_prefixes trusted_;
  forwarding_header header_;
};

} // namespace troupe::net
