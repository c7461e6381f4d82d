#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

namespace troupe::base {

/// Parses a decimal number.
/// @returns the number; nothing if `x` contains other characters or if the
///          number does not fit into `T`.
template <class T>
std::optional<T> parse_number(std::string_view x) noexcept {
  T result{};
  const auto* end = x.data() + x.size();
  auto [rest, failure] = std::from_chars(x.data(), end, result);
  if (failure != std::errc{} || rest != end)
    return std::nullopt;
  return result;
}

/// Parses a decimal number as Go's strconv.Atoi does, which accepts a leading
/// plus sign.
inline std::optional<int64_t> parse_signed(std::string_view x) noexcept {
  if (x.starts_with('+') && !x.starts_with("+-"))
    x.remove_prefix(1);
  return parse_number<int64_t>(x);
}

} // namespace troupe::base
