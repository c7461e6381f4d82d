#pragma once

#include <cstddef>
#include <string_view>

namespace troupe::base {

/// Returns the size of `x` without an incomplete character at its end.
/// @pre `x` is a prefix of UTF-8 text; otherwise the result is unspecified.
size_t whole_characters(std::string_view x) noexcept;

/// Returns whether `x` is empty or a proper prefix of a UTF-8 character.
bool may_begin_character(std::string_view x) noexcept;

} // namespace troupe::base
