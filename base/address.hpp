#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Where something listens, as options say it.
namespace troupe::base {

struct address {
  std::string host; ///< A name or an address, without brackets.
  uint16_t port = 0;
};

/// Of `HOST:PORT`, where an IPv6 address has brackets: `[::1]:80`. None if it
/// is none.
std::optional<address> parse_address(std::string_view x);

/// The opposite.
std::string to_string(const address& x);

/// Whether only this machine reaches `host`: 127.0.0.0/8, ::1 and `localhost`.
bool is_loopback(std::string_view host);

/// Whether `host` means all addresses of this machine, and so none that others
/// could be told.
bool is_wildcard(std::string_view host);

} // namespace troupe::base
