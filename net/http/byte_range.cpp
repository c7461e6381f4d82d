#include "net/http/byte_range.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>

namespace troupe::net {

namespace {

/// @returns the greatest number if `x` is greater; nothing if `x` is not a
///          number.
std::optional<uint64_t> parse_number(std::string_view x) {
  uint64_t result = 0;
  const auto* end = x.data() + x.size();
  auto [pos, ec] = std::from_chars(x.data(), end, result);
  if (pos != end || ec == std::errc::invalid_argument)
    return std::nullopt;
  return ec == std::errc{} ? result : std::numeric_limits<uint64_t>::max();
}

} // namespace

std::optional<byte_range> parse_range(std::string_view field, uint64_t size) {
  auto unit = base::split_off(field, '=');
  auto set = base::trim(field);
  auto dash = set.find('-');
  if (!base::equal_without_case(unit, "bytes") || dash == set.npos)
    return std::nullopt;
  auto left = parse_number(set.substr(0, dash));
  auto right = parse_number(set.substr(dash + 1));
  if (dash == 0) { // The last bytes.
    if (!right)
      return std::nullopt;
    auto n = std::min(*right, size);
    return byte_range{size - n, n};
  }
  if (!left || (!right && dash + 1 != set.size()) || (right && *right < *left))
    return std::nullopt;
  if (*left >= size)
    return byte_range{};
  auto last = std::min(right.value_or(size - 1), size - 1);
  return byte_range{*left, last - *left + 1};
}

} // namespace troupe::net
