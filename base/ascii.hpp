#pragma once

#include <string>
#include <string_view>

/// Small work on ASCII text as HTTP has it.
namespace troupe::base {

/// Takes what comes before the first `delimiter` off `text`, and the delimiter;
/// all if there is none.
std::string_view split_off(std::string_view& text, char delimiter) noexcept;

/// Without spaces, tabs and line ends on either side.
std::string_view trim(std::string_view x) noexcept;

bool equal_without_case(std::string_view x, std::string_view y) noexcept;

/// Resolves `%41`; what is no escape stays as it is.
std::string percent_decode(std::string_view x);

/// The same for the values of forms and queries, where '+' is a space.
std::string form_decode(std::string_view x);

/// Whether `x` may be part of a token.
bool is_token_char(char x) noexcept;

/// Whether `x` is a token (RFC 9110 section 5.6.2).
bool is_token(std::string_view x) noexcept;

/// Whether `element` is in a comma-separated list, compared without case.
bool list_contains(std::string_view list, std::string_view element) noexcept;

} // namespace troupe::base
