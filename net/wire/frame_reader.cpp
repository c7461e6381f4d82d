#include "net/wire/frame_reader.hpp"

#include "base/frame_header.hpp"
#include "base/utf8.hpp"
#include "troupe/frame.hpp"

#include <algorithm>
#include <cstring>

namespace troupe::net {

namespace {

constexpr uint8_t fin = 0x80;
constexpr uint8_t rsv1 = 0x40;
constexpr uint8_t other_rsv = 0x30;
constexpr uint8_t opcode_bits = 0x0f;
constexpr uint8_t continuation = 0;
constexpr size_t mask_size = 4;

bool has_mask(char second) {
  return (second & 0x80) != 0;
}

size_t head_size(char second) {
  return 2 + base::more_length_size(second)
         + (has_mask(second) ? mask_size : 0);
}

bool is_control(uint8_t opcode) {
  return (opcode & 0x08) != 0;
}

void unmask(std::span<char> bytes, const std::array<char, mask_size>& mask) {
  std::array<char, 8> twice;
  std::ranges::copy(mask, twice.begin());
  std::ranges::copy(mask, twice.begin() + mask_size);
  uint64_t key;
  std::memcpy(&key, twice.data(), sizeof(key));
  size_t i = 0;
  for (; i + sizeof(key) <= bytes.size(); i += sizeof(key)) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + i, sizeof(word));
    word ^= key;
    std::memcpy(bytes.data() + i, &word, sizeof(word));
  }
  for (; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(bytes[i] ^ mask[i % mask_size]);
}

bool is_deflated(frame_reader::found x) {
  return x == frame_reader::found::deflated_text
         || x == frame_reader::found::deflated_binary;
}

} // namespace

/// The header of a frame.
struct frame_reader::head {
  explicit head(const char* bytes)
    : flags{static_cast<uint8_t>(bytes[0])},
      is_masked{has_mask(bytes[1])},
      more{base::more_length_size(bytes[1])},
      size{base::read_length(bytes)} {
  }

  uint8_t opcode() const noexcept {
    return flags & opcode_bits;
  }

  /// Returns whether the length is encoded in the shortest form and its highest
  /// bit is not set.
  bool is_sound() const noexcept {
    return more == 0 || (more == 2 && size >= 126)
           || (more == 8 && size > 0xffff && size >> 63 == 0);
  }

  /// @returns what is wrong with the header on its own; empty if nothing.
  std::string_view fault() const noexcept {
    if ((flags & other_rsv) != 0)
      return "a reserved bit is set";
    if (!is_masked)
      return "a frame without a mask";
    if (!is_sound())
      return "a length in a wrong form";
    if (opcode() > (is_control(opcode()) ? 10 : 2))
      return "an unknown opcode";
    if (!is_control(opcode()))
      return {};
    if ((flags & fin) == 0)
      return "a control frame in fragments";
    if ((flags & rsv1) != 0)
      return "a compressed control frame";
    return size > max_control_payload ? "a control frame that is too large"
                                      : "";
  }

  uint8_t flags;
  bool is_masked;
  size_t more; ///< Size of the extended length.
  uint64_t size;
};

frame_reader::found frame_reader::next(std::span<char>& input,
                                       const limits& most) {
  for (;;) {
    if (left_ == 0) {
      auto* bytes = take_head(input);
      if (!bytes)
        return found::nothing;
      if (!begin_frame(bytes, most))
        return found::failure;
    }
    if (input.empty() && left_ > 0)
      return found::nothing;
    auto part = take_payload(input);
    if (auto result = on_payload(part, most); result != found::nothing)
      return result;
  }
}

void frame_reader::forget() noexcept {
  payload_ = {};
  control_.reset();
  control_size_ = 0;
  if (message_ != found::nothing)
    return; // The control frame came between the fragments of a message.
  bytes_.reset();
  size_ = capacity_ = checked_ = 0;
}

// -- headers ------------------------------------------------------------------

/// @returns the complete header, or null if more input is needed.
const char* frame_reader::take_head(std::span<char>& input) {
  if (head_size_ == 0 && input.size() >= 2
      && input.size() >= head_size(input[1])) { // the usual case
    auto* result = input.data();
    input = input.subspan(head_size(input[1]));
    return result;
  }
  while (head_size_ < 2 || head_size_ < head_size(head_[1])) {
    if (input.empty())
      return nullptr;
    head_[head_size_++] = input.front();
    input = input.subspan(1);
  }
  head_size_ = 0;
  return head_.data();
}

/// Validates a header and begins its frame.
/// @returns false after a violation, which `failure_` describes.
bool frame_reader::begin_frame(const char* bytes, const limits& most) {
  head x{bytes};
  if (auto wrong = x.fault(); !wrong.empty())
    return fail(close_code::protocol_error, wrong);
  if (!is_control(x.opcode()) && !begin_data(x, most))
    return false;
  opcode_ = x.opcode();
  is_last_ = (x.flags & fin) != 0;
  left_ = x.size;
  std::memcpy(mask_.data(), bytes + 2 + x.more, mask_size);
  return true;
}

bool frame_reader::begin_data(const head& x, const limits& most) {
  auto is_first = x.opcode() != continuation;
  auto is_compressed = (x.flags & rsv1) != 0;
  if (is_first != (message_ == found::nothing))
    return fail(close_code::protocol_error, is_first
                                              ? "a message inside another"
                                              : "a fragment of no message");
  if (is_compressed && !(may_deflate_ && is_first))
    return fail(close_code::protocol_error, "a reserved bit is set");
  if (x.opcode() == static_cast<uint8_t>(opcode::text))
    message_ = is_compressed ? found::deflated_text : found::text;
  else if (is_first)
    message_ = is_compressed ? found::deflated_binary : found::binary;
  if (x.size == 0 && (x.flags & fin) == 0)
    ++empty_fragments_;
  auto room = (is_deflated(message_) ? most.deflated : most.message) - size_;
  return x.size <= room
         || fail(close_code::message_too_big, "too large a message");
}

// -- payloads -----------------------------------------------------------------

/// Consumes and unmasks the available part of the frame's payload.
std::span<char> frame_reader::take_payload(std::span<char>& input) {
  auto size = static_cast<size_t>(std::min<uint64_t>(left_, input.size()));
  auto result = input.first(size);
  input = input.subspan(size);
  left_ -= size;
  unmask(result, mask_);
  if (left_ > 0)
    std::rotate(mask_.begin(), mask_.begin() + size % mask_size, mask_.end());
  return result;
}

frame_reader::found frame_reader::on_payload(std::span<char> part,
                                             const limits& most) {
  return is_control(opcode_) ? on_control(part) : on_data(part, most);
}

frame_reader::found frame_reader::on_control(std::span<char> part) {
  if (left_ > 0 || control_size_ > 0) {
    if (!control_)
      control_ = std::make_unique_for_overwrite<char[]>(max_control_payload);
    std::ranges::copy(part, control_.get() + control_size_);
    control_size_ = static_cast<uint8_t>(control_size_ + part.size());
    part = {control_.get(), control_size_};
  }
  if (left_ > 0)
    return found::nothing;
  payload_ = {part.data(), part.size()};
  if (opcode_ == static_cast<uint8_t>(opcode::close))
    return found::close;
  return opcode_ == static_cast<uint8_t>(opcode::ping) ? found::ping
                                                       : found::pong;
}

frame_reader::found frame_reader::on_data(std::span<char> part,
                                          const limits& most) {
  auto is_whole = left_ == 0 && is_last_;
  if (!is_whole || size_ > 0) {
    append(part, most);
    part = {bytes_.get(), size_};
  }
  std::string_view so_far{part.data(), part.size()};
  if (message_ == found::text && !check_text(so_far, is_whole)) {
    fail(close_code::invalid_payload, "text that is not UTF-8");
    return found::failure;
  }
  if (!is_whole)
    return found::nothing;
  payload_ = so_far;
  return std::exchange(message_, found::nothing);
}

void frame_reader::append(std::span<char> part, const limits& most) {
  if (capacity_ - size_ < part.size())
    grow(part.size(), most);
  std::ranges::copy(part, bytes_.get() + size_);
  size_ += part.size();
}

/// Grows in steps instead of to the announced size, which the peer need not
/// send.
void frame_reader::grow(size_t by, const limits& most) {
  auto capacity = std::max(size_ + by + most.step, 4 * capacity_);
  if (is_last_)
    capacity = std::min<uint64_t>(capacity, size_ + by + left_);
  auto bigger = std::make_unique_for_overwrite<char[]>(capacity);
  std::copy_n(bytes_.get(), size_, bigger.get());
  bytes_ = std::move(bigger);
  capacity_ = capacity;
}

/// Validates the new part of a text, so that invalid text ends the connection
/// as soon as it arrives (RFC 6455 section 8.1).
bool frame_reader::check_text(std::string_view text, bool is_whole) {
  auto rest = text.substr(checked_);
  if (is_whole)
    return is_utf8(rest);
  auto whole = base::whole_characters(rest);
  checked_ += whole;
  return is_utf8(rest.substr(0, whole))
         && base::may_begin_character(rest.substr(whole));
}

/// Sets `failure_`.
/// @returns false.
bool frame_reader::fail(close_code code, std::string_view what) {
  failure_ = {code, what};
  return false;
}

} // namespace troupe::net
