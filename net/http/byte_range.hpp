#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace troupe::net {

/// A part of a representation.
struct byte_range {
  uint64_t first = 0;
  uint64_t size = 0;

  bool operator==(const byte_range&) const = default;
};

/// Reads a Range field (RFC 9110 section 14.2).
/// @param size  that of the whole, in bytes.
/// @returns the range; one of size 0 if it is outside of the whole; nothing if
///          the field has to be ignored, or names several ranges, which may be.
std::optional<byte_range> parse_range(std::string_view field, uint64_t size);

} // namespace troupe::net
