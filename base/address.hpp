#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Addresses of listening sockets, as written in options.
namespace troupe::base {

struct address {
  std::string host; ///< A name or an address, without brackets.
  uint16_t port = 0;
};

/// Parses `HOST:PORT`. An IPv6 address is in brackets: `[::1]:80`.
/// @returns nothing if `x` has another form.
std::optional<address> parse_address(std::string_view x);

/// Returns `x` as `HOST:PORT`; the inverse of `parse_address`.
std::string to_string(const address& x);

/// Returns whether `host` is reachable only from this machine: 127.0.0.0/8, ::1
/// or `localhost`.
bool is_loopback(std::string_view host);

/// Returns whether `host` is 0.0.0.0 or ::, the address of all interfaces, to
/// which other machines cannot connect.
bool is_wildcard(std::string_view host);

} // namespace troupe::base
