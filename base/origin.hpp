#pragma once

#include <string_view>

/// Where a web page comes from, as browsers say it: `https://example.org:8443`
/// (RFC 6454 section 6.2). Everything is compared without case, and a port that
/// goes without saying counts as said.
namespace troupe::base {

/// Whether a page of `origin` talks to the server it comes from: `host` is the
/// request's Host.
bool is_same_origin(std::string_view origin, std::string_view host) noexcept;

/// Whether `pattern` is an origin, or one whose host begins with `*.`.
bool is_origin_pattern(std::string_view pattern) noexcept;

/// Whether `pattern` means `origin`; `*.` stands for one name or more.
bool matches_origin(std::string_view pattern, std::string_view origin) noexcept;

} // namespace troupe::base
