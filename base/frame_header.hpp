#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// The header of a frame (RFC 6455 section 5.2): flags and opcode, then a 7-bit
/// length, which is 126 or 127 if a length of 16 or 64 bits follows. Frames
/// from a server are not masked.
namespace troupe::base {

constexpr uint8_t header_size(size_t payload_size) noexcept {
  return payload_size < 126 ? 2 : payload_size <= 0xffff ? 4 : 10;
}

/// Writes `first`, which holds FIN, the flags and the opcode, and the length in
/// network byte order.
/// @returns the end of the header.
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

/// Returns the size of the extended length. `second` is the second byte of the
/// header, whose highest bit, the mask bit, is ignored.
constexpr size_t more_length_size(char second) noexcept {
  auto length = second & 0x7f;
  return length < 126 ? 0 : length == 126 ? 2 : 8;
}

/// Returns the payload length. `header` must be complete up to and including
/// the length.
inline uint64_t read_length(const char* header) noexcept {
  auto more = more_length_size(header[1]);
  if (more == 0)
    return static_cast<uint64_t>(header[1] & 0x7f);
  uint64_t result = 0;
  for (size_t i = 2; i < 2 + more; ++i)
    result = result << 8 | static_cast<uint8_t>(header[i]);
  return result;
}

/// One frame in a sequence of frames.
struct frame_view {
  std::string_view bytes;   ///< Header and payload.
  std::string_view payload; ///< The last part of `bytes`.
};

/// Returns the first frame of `bytes`.
/// @pre `bytes` consists of one or more complete frames.
inline frame_view first_frame(std::string_view bytes) noexcept {
  auto header = 2 + more_length_size(bytes[1]);
  auto payload_size = static_cast<size_t>(read_length(bytes.data()));
  return {bytes.substr(0, header + payload_size),
          bytes.substr(header, payload_size)};
}

} // namespace troupe::base
