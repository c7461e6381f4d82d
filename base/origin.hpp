#pragma once

#include <string_view>

/// Origins of web pages as sent by browsers, such as `https://example.org:8443`
/// (RFC 6454 section 6.2). Comparisons ignore case; the default port of a
/// scheme equals no port.
namespace troupe::base {

/// Returns whether `origin` is the origin of the server itself, with the scheme
/// `http` or `https`; `host` is the Host field of the request.
bool is_same_origin(std::string_view origin, std::string_view host) noexcept;

/// Returns whether `pattern` is an origin, `null` and `file://` included, or
/// one whose host begins with `*.`.
bool is_origin_pattern(std::string_view pattern) noexcept;

/// Returns whether `x` is the origin of a web server: a scheme `http` or
/// `https`, and one host.
bool is_web_origin(std::string_view x) noexcept;

/// Returns whether the scheme of `origin` is `scheme`.
bool has_scheme(std::string_view origin, std::string_view scheme) noexcept;

/// Returns the host of `origin`, IPv6 addresses in brackets; empty if there is
/// none.
std::string_view host_of(std::string_view origin) noexcept;

/// Returns whether `pattern` matches `origin`; `*.` matches one or more labels.
bool matches_origin(std::string_view pattern, std::string_view origin) noexcept;

} // namespace troupe::base
