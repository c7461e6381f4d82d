#pragma once

namespace troupe::net {

/// Size of the largest window as a power of two.
constexpr int max_window_bits = 15;

/// Returns the windowBits of zlib for permessage-deflate: a window of 2^bits
/// bytes, without a header and a checksum (RFC 7692 section 7.2).
constexpr int raw_window(int bits = max_window_bits) noexcept {
  return -bits;
}

} // namespace troupe::net
