#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// The header of a frame that a server sends (RFC 6455 section 5.2): flags and
/// opcode, then seven bits of length, or a mark and 16 or 64 bits; no mask.
namespace troupe::net {

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

/// One frame among others.
struct frame_view {
  std::string_view bytes;   ///< Header and payload.
  std::string_view payload; ///< The end of `bytes`.
};

/// The first frame of `bytes`. @pre `bytes` are whole frames, at least one.
inline frame_view first_frame(std::string_view bytes) noexcept {
  auto byte = [bytes](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  size_t payload_size = byte(1) & 0x7f;
  size_t header = 2;
  if (payload_size >= 126) {
    header = payload_size == 126 ? 4 : 10;
    payload_size = 0;
    for (size_t i = 2; i < header; ++i)
      payload_size = payload_size << 8 | byte(i);
  }
  return {bytes.substr(0, header + payload_size),
          bytes.substr(header, payload_size)};
}

} // namespace troupe::net
