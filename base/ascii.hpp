#pragma once

#include <string>
#include <string_view>

/// Functions for ASCII text in HTTP.
namespace troupe::base {

/// Removes and returns the part of `text` before the first `delimiter`; also
/// removes the delimiter. Removes and returns all of `text` if it contains no
/// delimiter.
std::string_view split_off(std::string_view& text, char delimiter) noexcept;

/// Returns `x` without leading and trailing spaces, tabs and line ends.
std::string_view trim(std::string_view x) noexcept;

/// Returns `x` with ASCII letters in lower case.
std::string to_lower(std::string_view x);

bool equal_without_case(std::string_view x, std::string_view y) noexcept;

/// Decodes percent-encoded bytes such as `%41`. Invalid escapes are kept as
/// they are.
std::string percent_decode(std::string_view x);

/// Decodes a value of a form or a query: like `percent_decode`, and '+' becomes
/// a space.
std::string form_decode(std::string_view x);

/// Returns whether `x` has only characters that need no escape in a path, so
/// that `normalize_path` would return it as it is.
bool is_plain_path(std::string_view x) noexcept;

/// Returns the one form of a path (RFC 3986 section 6.2.2): characters that a
/// path may contain are themselves, all others are percent-encoded, in upper
/// case. An encoded '/' stays encoded, since it separates nothing.
/// `percent_decode` of the result and of `x` are the same.
std::string normalize_path(std::string_view x);

/// Returns whether `x` is allowed in a token.
bool is_token_char(char x) noexcept;

/// Returns whether `x` is a token (RFC 9110 section 5.6.2).
bool is_token(std::string_view x) noexcept;

/// Returns whether the comma-separated `list` contains `element`, ignoring
/// case.
bool list_contains(std::string_view list, std::string_view element) noexcept;

} // namespace troupe::base
