#include "net/message_marks.hpp"

#include <algorithm>

namespace troupe::net {

namespace {

constexpr uint8_t fin = 0x80;
constexpr uint8_t rsv1 = 0x40;
constexpr uint8_t opcode = 0x0f;
constexpr uint8_t continuation = 0;
constexpr uint8_t text = 1;
constexpr uint8_t binary = 2;

} // namespace

void message_marks::watch(char* bytes, size_t size) {
  for (auto* end = bytes + size; bytes != end;) {
    if (left_ > 0) {
      auto skipped = std::min<uint64_t>(left_,
                                        static_cast<uint64_t>(end - bytes));
      left_ -= skipped;
      bytes += skipped;
      continue;
    }
    auto byte = static_cast<uint8_t>(*bytes);
    if (next_ == part::opcode)
      *bytes = static_cast<char>(on_opcode(byte));
    else if (next_ == part::length)
      on_length(byte);
    else
      on_more_length(byte);
    ++bytes;
  }
}

/// @returns what Beast is to see.
uint8_t message_marks::on_opcode(uint8_t byte) {
  next_ = part::length;
  auto kind = byte & opcode;
  auto is_last = (byte & fin) != 0;
  if (kind == continuation && is_last)
    in_message_ = false;
  if ((kind != text && kind != binary) || in_message_)
    return byte;
  in_message_ = !is_last;
  if ((byte & rsv1) == 0) {
    kinds_.push_back(message_kind::plain);
    return byte;
  }
  kinds_.push_back(kind == text ? message_kind::deflated_text
                                : message_kind::deflated_binary);
  return static_cast<uint8_t>((byte & ~(rsv1 | opcode)) | binary);
}

void message_marks::on_length(uint8_t byte) {
  is_masked_ = (byte & 0x80) != 0;
  uint8_t length = byte & 0x7f;
  if (length < 126)
    return on_header_end(length);
  next_ = part::more_length;
  length_ = 0;
  to_read_ = length == 126 ? 2 : 8;
}

void message_marks::on_more_length(uint8_t byte) {
  length_ = length_ << 8 | byte;
  if (--to_read_ == 0)
    on_header_end(length_);
}

void message_marks::on_header_end(uint64_t payload_size) {
  next_ = part::opcode;
  left_ = payload_size + (is_masked_ ? 4 : 0);
}

} // namespace troupe::net
