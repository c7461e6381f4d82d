#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace troupe::net {

/// What an arriving message is.
enum class message_kind : uint8_t {
  plain,
  deflated_text,
  deflated_binary,
};

/// Hides from Beast, whose inflating costs each connection 50 KB for good, that
/// messages are compressed (RFC 7692 section 6): watches the frames that
/// arrive, makes each compressed message a binary one without RSV1, and tells
/// afterwards what it was. What breaks the rules stays as it is, for Beast to
/// refuse.
class message_marks {
public:
  /// The next bytes that came; pieces of any size.
  void watch(char* bytes, size_t size);

  /// What the oldest message is that was not yet finished by `pop`. Plain if
  /// there is none.
  message_kind front() const noexcept {
    return front_ < kinds_.size() ? kinds_[front_] : message_kind::plain;
  }

  /// The oldest message is read.
  void pop() noexcept {
    if (++front_ >= kinds_.size()) {
      kinds_.clear();
      front_ = 0;
    }
  }

private:
  enum class part : uint8_t { opcode, length, more_length };

  uint8_t on_opcode(uint8_t byte);
  void on_length(uint8_t byte);
  void on_more_length(uint8_t byte);
  void on_header_end(uint64_t payload_size);

  part next_ = part::opcode;
  uint64_t left_ = 0;   ///< Bytes of mask and payload still to come.
  uint64_t length_ = 0; ///< As far as it is read.
  uint8_t to_read_ = 0; ///< Bytes of it still to come.
  bool is_masked_ = false;
  bool in_message_ = false; ///< A message has begun and lacks fragments.
  std::vector<message_kind> kinds_;
  size_t front_ = 0; ///< The first of them not finished.
};

} // namespace troupe::net
