#pragma once

#include "troupe/fwd.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

/// Opcodes of WebSocket frames (RFC 6455 section 5.2).
enum class opcode : uint8_t {
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

/// Maximum payload of a control frame in bytes (RFC 6455 section 5.5).
inline constexpr size_t max_control_payload = 125;

/// Refers to a sequence of whole WebSocket frames to be written to a socket,
/// and shares ownership of their memory. Any number of sockets may share the
/// same bytes.
struct slice {
  /// Keeps the memory alive. May be null if `bytes` have static storage
  /// duration.
  std::shared_ptr<const char[]> owner;

  /// The frames.
  std::string_view bytes;

  /// Number of data frames in `bytes`.
  uint32_t messages = 0;
};

/// Returns whether `x` is valid UTF-8 (RFC 3629), as required of text messages
/// and names.
bool is_utf8(std::string_view x) noexcept;

/// Holds one WebSocket message as it is sent by a server: the frame header (RFC
/// 6455 section 5.2: FIN set, not masked) and the payload in one block of
/// memory. The message is encoded once for any number of receivers (C57).
///
/// Immutable; copies share the block. Distinct and shared objects may be read
/// and copied on any thread.
class frame {
public:
  /// Creates an empty text message. Does not allocate.
  frame() noexcept
    : bytes_(std::shared_ptr<const void>{}, empty_text),
      header_size_(2) {
  }

  frame(const frame&) noexcept = default;

  /// Moves `x`, which becomes an empty text message.
  frame(frame&& x) noexcept : frame() {
    swap(x);
  }

  frame& operator=(const frame&) noexcept = default;

  /// Moves `x`, which becomes an empty text message.
  frame& operator=(frame&& x) noexcept {
    frame tmp{std::move(x)};
    swap(tmp);
    return *this;
  }

  ~frame() = default;

  /// Creates a text message (opcode 1).
  /// @pre `payload` is UTF-8.
  static frame text(std::string_view payload);

  /// Creates a binary message (opcode 2).
  static frame binary(std::string_view payload);

  /// Creates a text message if `payload` is UTF-8, else a binary message, since
  /// browsers close a connection on invalid text (C53).
  static frame automatic(std::string_view payload);

  /// Creates a message from the concatenation of `parts`, with a single copy of
  /// each.
  /// @param binary  selects the opcode.
  /// @param parts   the parts of the payload.
  /// @pre `binary` is true, or the concatenation is UTF-8.
  static frame concat(bool binary,
                      std::initializer_list<std::string_view> parts);

  /// Creates a message from a frame in wire format, without copying it.
  /// @param owner  keeps `bytes` alive; shared by the message.
  /// @param bytes  begins with the frame; further bytes are ignored.
  /// @returns the message, or `std::nullopt` unless `bytes` begins with a
  ///          complete, unfragmented and unmasked data frame.
  /// @pre the payload of a text frame is UTF-8.
  static std::optional<frame> from_wire(std::shared_ptr<const char[]> owner,
                                        std::string_view bytes);

  /// Returns the payload without the frame header.
  std::string_view payload() const noexcept {
    return {bytes_.get() + header_size_, payload_size_};
  }

  /// Returns header and payload in wire format.
  slice wire() const {
    return {bytes_, {bytes_.get(), header_size_ + payload_size_}, 1};
  }

  /// Returns whether this is a binary message; otherwise it is a text message.
  bool is_binary() const noexcept {
    return (bytes_[0] & 0x0f) == 2;
  }

  /// Exchanges the contents of two messages.
  void swap(frame& x) noexcept {
    bytes_.swap(x.bytes_);
    std::swap(payload_size_, x.payload_size_);
    std::swap(header_size_, x.header_size_);
  }

  /// Returns whether opcode and payload are equal.
  friend bool operator==(const frame& x, const frame& y) noexcept {
    return x.is_binary() == y.is_binary() && x.payload() == y.payload();
  }

private:
  frame(bool binary, std::initializer_list<std::string_view> parts);

  static constexpr char empty_text[] = {'\x81', '\0'};

  std::shared_ptr<const char[]> bytes_; ///< Never null.
  size_t payload_size_ = 0;
  uint8_t header_size_ = 0;
};

/// Returns a control frame in the wire format of a server.
/// @pre `payload` has at most `max_control_payload` bytes.
slice control_frame(opcode what, std::string_view payload);

} // namespace troupe
