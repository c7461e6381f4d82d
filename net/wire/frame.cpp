#include "troupe/frame.hpp"

#include "net/wire/utf8.hpp"

#include <algorithm>

namespace troupe {

namespace {

size_t total_size(std::initializer_list<std::string_view> parts) noexcept {
  size_t result = 0;
  for (auto part : parts)
    result += part.size();
  return result;
}

/// RFC 6455 section 5.2: seven bits of length, or a mark and 16 or 64 bits.
constexpr uint8_t header_size_for(size_t payload_size) noexcept {
  return payload_size < 126 ? 2 : payload_size <= 0xffff ? 4 : 10;
}

/// Writes FIN and opcode, and the length in network order.
char* write_header(char* out, bool binary, size_t payload_size,
                   uint8_t header_size) noexcept {
  *out++ = static_cast<char>(binary ? 0x82 : 0x81);
  if (header_size == 2) {
    *out++ = static_cast<char>(payload_size);
    return out;
  }
  *out++ = static_cast<char>(header_size == 4 ? 126 : 127);
  for (auto bits = (header_size - 2) * 8; bits > 0; bits -= 8)
    *out++ = static_cast<char>(uint64_t{payload_size} >> (bits - 8));
  return out;
}

} // namespace

frame::frame(bool binary, std::initializer_list<std::string_view> parts)
  : payload_size_(total_size(parts)),
    header_size_(header_size_for(payload_size_)) {
  auto block
    = std::make_shared_for_overwrite<char[]>(header_size_ + payload_size_);
  auto* out = write_header(block.get(), binary, payload_size_, header_size_);
  for (auto part : parts)
    out = std::copy(part.begin(), part.end(), out);
  bytes_ = std::move(block);
}

frame frame::text(std::string_view payload) {
  return {false, {payload}};
}

frame frame::binary(std::string_view payload) {
  return {true, {payload}};
}

frame frame::automatic(std::string_view payload) {
  return {!net::is_utf8(payload), {payload}};
}

frame frame::concat(bool binary,
                    std::initializer_list<std::string_view> parts) {
  return {binary, parts};
}

} // namespace troupe
