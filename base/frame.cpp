#include "troupe/frame.hpp"

#include "base/frame_header.hpp"

#include <algorithm>

namespace troupe {

namespace {

size_t total_size(std::initializer_list<std::string_view> parts) noexcept {
  size_t result = 0;
  for (auto part : parts)
    result += part.size();
  return result;
}

} // namespace

frame::frame(bool binary, std::initializer_list<std::string_view> parts)
  : payload_size_(total_size(parts)),
    header_size_(base::header_size(payload_size_)) {
  auto block
    = std::make_shared_for_overwrite<char[]>(header_size_ + payload_size_);
  auto* out = base::write_header(block.get(), binary ? 0x82 : 0x81,
                                 payload_size_);
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
  return {!is_utf8(payload), {payload}};
}

frame frame::concat(bool binary,
                    std::initializer_list<std::string_view> parts) {
  return {binary, parts};
}

std::optional<frame> frame::from_wire(std::shared_ptr<const char[]> owner,
                                      std::string_view bytes) {
  constexpr char masked = '\x80';
  if (bytes.size() < 2 || (bytes[0] != '\x81' && bytes[0] != '\x82')
      || (bytes[1] & masked) != 0)
    return {};
  auto header = 2 + base::more_length_size(bytes[1]);
  if (bytes.size() < header)
    return {};
  auto payload = base::read_length(bytes.data());
  if (payload > bytes.size() - header)
    return {};
  frame result;
  result.bytes_ = {std::move(owner), bytes.data()};
  result.payload_size_ = static_cast<size_t>(payload);
  result.header_size_ = static_cast<uint8_t>(header);
  return result;
}

slice control_frame(opcode what, std::string_view payload) {
  auto size = payload.size() + 2;
  auto block = std::make_shared_for_overwrite<char[]>(size);
  block[0] = static_cast<char>(0x80 | static_cast<uint8_t>(what));
  block[1] = static_cast<char>(payload.size());
  std::copy(payload.begin(), payload.end(), block.get() + 2);
  return {block, {block.get(), size}, 0};
}

} // namespace troupe
