#pragma once

#include "troupe/error.hpp"
#include "troupe/frame.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace troupe::net {

/// Reads the frames of one client (RFC 6455 section 5, with the compression of
/// RFC 7692 section 6), whatever pieces they come in. Strict: what the RFC
/// forbids ends the connection.
///
/// A message that lies whole in the bytes that came is not copied. What is not
/// yet whole is; between messages nothing is held.
class frame_reader {
public:
  // -- member types -----------------------------------------------------------

  enum class found : uint8_t {
    nothing, ///< All input is read; more is to come.
    text,
    binary,
    deflated_text, ///< To be inflated; what it then is, nobody has checked.
    deflated_binary,
    ping,
    pong,
    close,   ///< Not looked into; see `parse_close`.
    failure, ///< Nothing can be read any more; see `why`.
  };

  struct failure {
    close_code code = close_code::protocol_error;
    std::string_view what; ///< Has static storage.
  };

  struct limits {
    size_t message;  ///< Bytes of one message, its fragments together.
    size_t deflated; ///< The same of one that is compressed.
    size_t step;     ///< Bytes that a buffer grows by, at least.
  };

  // -- reading ----------------------------------------------------------------

  /// Lets messages be compressed. Call before the first frame.
  void expect_deflate() noexcept {
    may_deflate_ = true;
  }

  /// Reads on to the next whole message or control frame. Takes what it has
  /// read off `input`; changes those bytes.
  /// @pre what was found last is forgotten.
  found next(std::span<char>& input, const limits& most);

  /// Of what `next` found: good until `forget`, as long as `input` is.
  std::string_view payload() const noexcept {
    return payload_;
  }

  /// What is wrong, after a failure.
  const failure& why() const noexcept {
    return failure_;
  }

  /// Bytes of memory that what is not yet whole takes.
  size_t held() const noexcept {
    return capacity_ + (control_ ? max_control_payload : 0);
  }

  /// What was found is dealt with: gives its memory back.
  void forget() noexcept;

private:
  /// Two bytes, then at most eight of length and four of mask.
  static constexpr size_t max_head_size = 14;

  struct head;

  const char* take_head(std::span<char>& input);
  bool begin_frame(const char* bytes, const limits& most);
  bool begin_data(const head& x, const limits& most);
  std::span<char> take_payload(std::span<char>& input);
  found on_payload(std::span<char> part, const limits& most);
  found on_control(std::span<char> part);
  found on_data(std::span<char> part, const limits& most);
  void append(std::span<char> part, const limits& most);
  void grow(size_t by, const limits& most);
  bool check_text(std::string_view text, bool is_whole);
  bool fail(close_code code, std::string_view what);

  // -- of the frame under way -------------------------------------------------

  std::array<char, max_head_size> head_; ///< If it came in pieces: those.
  uint8_t head_size_ = 0;                ///< Bytes of it.
  bool is_last_ = false;
  uint8_t opcode_ = 0;
  std::array<char, 4> mask_; ///< Turned, so that the next byte needs the first.
  uint64_t left_ = 0;        ///< Bytes of payload still to come.

  // -- of the message under way -----------------------------------------------

  found message_ = found::nothing; ///< What it is; nothing between messages.
  bool may_deflate_ = false;
  uint8_t control_size_ = 0;
  size_t size_ = 0;
  size_t capacity_ = 0;
  size_t checked_ = 0; ///< Bytes of it known to be UTF-8.
  std::unique_ptr<char[]> bytes_;
  std::unique_ptr<char[]> control_; ///< Of a control frame not yet whole.

  // -- what was found ---------------------------------------------------------

  std::string_view payload_;
  failure failure_;
};

} // namespace troupe::net
