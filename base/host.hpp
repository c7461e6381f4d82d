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
/// more labels.
bool matches_name(std::string_view pattern, std::string_view host) noexcept;

/// Returns whether `pattern` matches `host` as in `matches_name`, or is `*`,
/// which matches everything.
/// @param host as `plain_host` returns it.
bool matches_host(std::string_view pattern, std::string_view host) noexcept;

/// Returns whether `x` is a host with an optional port, as in the Host field of
/// a request (RFC 9112 section 3.2, RFC 3986 section 3.2.2): a name, which may
/// contain percent-encoded bytes and underscores, an IPv4 address, or an IPv6
/// address in brackets. The host must not be empty (RFC 9110 section 4.2.1);
/// the port may be, as in `example.org:`.
bool is_host(std::string_view x);

} // namespace troupe::base
