#pragma once

#include <string_view>

/// Hosts as sent by clients in the Host field (RFC 9110 section 7.2).
namespace troupe::base {

/// Returns the host of `host:port` without port and trailing dot; an IPv6
/// address without brackets.
std::string_view plain_host(std::string_view authority) noexcept;

/// Returns whether `x` is a host name, one that begins with `*.`, or `*`.
bool is_host_pattern(std::string_view x) noexcept;

/// Returns whether `pattern` matches `host`, ignoring case; `*.` matches one or
/// more labels, `*` everything.
/// @param host as `plain_host` returns it.
bool matches_host(std::string_view pattern, std::string_view host) noexcept;

} // namespace troupe::base
