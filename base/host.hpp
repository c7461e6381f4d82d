#pragma once

#include <string_view>

namespace troupe::base {

/// Returns whether `x` is a host with an optional port, as in the Host field of
/// a request (RFC 9112 section 3.2, RFC 3986 section 3.2.2): a name, which may
/// contain percent-encoded bytes and underscores, an IPv4 address, or an IPv6
/// address in brackets. The host must not be empty (RFC 9110 section 4.2.1);
/// the port may be, as in `example.org:`.
bool is_host(std::string_view x);

} // namespace troupe::base
