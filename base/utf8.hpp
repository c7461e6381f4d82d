#pragma once

#include <cstddef>
#include <string_view>

namespace troupe::base {

/// Whether `x` is UTF-8 (RFC 3629: no surrogates, no overlong forms).
bool is_utf8(std::string_view x) noexcept;

/// The size of `x` without the character at its end that lacks a part, if there
/// is one. @pre `x` is the beginning of UTF-8 text, cut anywhere; else any
/// size.
size_t whole_characters(std::string_view x) noexcept;

/// Whether some character, or the end of the text, begins with `x`, at most
/// three bytes.
bool may_begin_character(std::string_view x) noexcept;

} // namespace troupe::base
