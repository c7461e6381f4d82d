#pragma once

#include <string_view>

namespace troupe::net {

/// Whether `x` is UTF-8 (RFC 3629: no surrogates, no overlong forms).
bool is_utf8(std::string_view x) noexcept;

} // namespace troupe::net
