#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// The header of a frame (RFC 6455 section 5.2): flags and opcode, then seven
/// bits of length, or a mark and 16 or 64 bits. What a server sends has no
/// mask.
namespace troupe::base {

constexpr uint8_t header_size(size_t payload_size) noexcept {
  return payload_size < 126 ? 2 : payload_size <= 0xffff ? 4 : 10;
}

/// Writes `first`, which is FIN, flags and opcode, and the length in network
/// order. @returns the end.
inline char* write_header(char* out, uint8_t first,
                          size_t payload_size) noexcept {
  auto size = header_size(payload_size);
  *out++ = static_cast<char>(first);
  if (size == 2) {
    *out++ = static_cast<char>(payload_size);
    return out;
  }
  *out++ = static_cast<char>(size == 4 ? 126 : 127);
  for (auto bits = (size - 2) * 8; bits > 0; bits -= 8)
    *out++ = static_cast<char>(uint64_t{payload_size} >> (bits - 8));
  return out;
}

/// Bytes of the length beyond the first: `second` is that, and its highest bit
/// no part of it.
constexpr size_t more_length_size(char second) noexcept {
  auto length = second & 0x7f;
  return length < 126 ? 0 : length == 126 ? 2 : 8;
}

/// The length in a header that is whole up to there.
inline uint64_t read_length(const char* header) noexcept {
  auto more = more_length_size(header[1]);
  if (more == 0)
    return static_cast<uint64_t>(header[1] & 0x7f);
  uint64_t result = 0;
  for (size_t i = 2; i < 2 + more; ++i)
    result = result << 8 | static_cast<uint8_t>(header[i]);
  return result;
}

/// One frame among others.
struct frame_view {
  std::string_view bytes;   ///< Header and payload.
  std::string_view payload; ///< The end of `bytes`.
};

/// The first frame of `bytes`. @pre `bytes` are whole frames, at least one.
inline frame_view first_frame(std::string_view bytes) noexcept {
  auto header = 2 + more_length_size(bytes[1]);
  auto payload_size = static_cast<size_t>(read_length(bytes.data()));
  return {bytes.substr(0, header + payload_size),
          bytes.substr(header, payload_size)};
}

} // namespace troupe::base
