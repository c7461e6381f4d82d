#pragma once

#include <optional>
#include <string_view>

/// Targets of HTTP requests, which may be absolute URLs (RFC 9112 section 3.2).
namespace troupe::base {

/// Returns `/path?query` of a request target, without the scheme and the host
/// of an absolute URL; other targets, such as `*`, as they are.
std::string_view origin_form(std::string_view target) noexcept;

/// Returns `host:port` of an absolute URL; nothing for other targets.
std::optional<std::string_view> authority_of(std::string_view target) noexcept;

} // namespace troupe::base
