#pragma once

#include "troupe/error.hpp"
#include "troupe/frame.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace troupe::net {

/// Parses the frames of one client (RFC 6455 section 5, with the compression of
/// RFC 7692 section 6), received in pieces of any size. Any violation of the
/// RFC is a failure.
///
/// A message that lies completely in the input is not copied; incomplete
/// messages are. No memory is held between messages.
class frame_reader {
public:
  // -- member types -----------------------------------------------------------

  enum class found : uint8_t {
    nothing, ///< All input is consumed; more is needed.
    text,
    binary,
    deflated_text, ///< Not inflated and not validated.
    deflated_binary,
    ping,
    pong,
    close,   ///< The payload is not validated; see `parse_close`.
    failure, ///< Reading must stop; see `why`.
  };

  struct failure {
    close_code code = close_code::protocol_error;
    std::string_view what; ///< Has static storage.
  };

  struct limits {
    size_t message;  ///< Maximum size of a message, including all fragments.
    size_t deflated; ///< Maximum size of a compressed message.
    size_t step;     ///< Minimum growth of a buffer in bytes.
  };

  // -- reading ----------------------------------------------------------------

  /// Allows compressed messages. Call before the first frame.
  void expect_deflate() noexcept {
    may_deflate_ = true;
  }

  /// Reads up to the end of the next message or control frame. Removes consumed
  /// bytes from `input` and unmasks them in place.
  /// @pre `forget` was called after the last result.
  found next(std::span<char>& input, const limits& most);

  /// Returns the payload that `next` found. Valid until `forget`, while `input`
  /// is valid.
  std::string_view payload() const noexcept {
    return payload_;
  }

  /// Returns the reason of a failure.
  const failure& why() const noexcept {
    return failure_;
  }

  /// Returns the number of bytes allocated for incomplete messages.
  size_t held() const noexcept {
    return capacity_ + (control_ ? max_control_payload : 0);
  }

  /// Returns the number of empty fragments since the last call. They are not
  /// results of `next`.
  uint32_t take_empty_fragments() noexcept {
    return std::exchange(empty_fragments_, 0);
  }

  /// Releases the memory of the last result.
  void forget() noexcept;

private:
  /// Two bytes, up to eight bytes of extended length, four bytes of mask.
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

  // -- state of the current frame ---------------------------------------------

  /// The bytes so far, if it arrives in pieces.
  std::array<char, max_head_size> head_;
  uint8_t head_size_ = 0; ///< Number of bytes in `head_`.
  bool is_last_ = false;
  uint8_t opcode_ = 0;
  /// Rotated so that mask_[0] applies to the next byte.
  std::array<char, 4> mask_;
  uint64_t left_ = 0; ///< Bytes of payload still to come.

  // -- state of the current message -------------------------------------------

  found message_ = found::nothing; ///< Its type; `nothing` between messages.
  bool may_deflate_ = false;
  uint8_t control_size_ = 0;
  uint32_t empty_fragments_ = 0;
  size_t size_ = 0;
  size_t capacity_ = 0;
  size_t checked_ = 0; ///< Number of bytes already validated as UTF-8.
  std::unique_ptr<char[]> bytes_;
  std::unique_ptr<char[]> control_; ///< Payload of an incomplete control frame.

  // -- the last result --------------------------------------------------------

  std::string_view payload_;
  failure failure_;
};

} // namespace troupe::net
