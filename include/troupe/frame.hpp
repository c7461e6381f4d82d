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

/// What a WebSocket frame is (RFC 6455 section 5.2).
enum class opcode : uint8_t {
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

/// Most bytes of payload in a close, ping or pong (RFC 6455 section 5.5).
inline constexpr size_t max_control_payload = 125;

/// Bytes on their way to a socket: whole WebSocket frames and what keeps them
/// alive. Any number of sockets may share the same bytes.
struct slice {
  std::shared_ptr<const char[]> owner;
  std::string_view bytes; ///< Points into what `owner` holds.
  uint32_t messages = 0;  ///< How many data frames `bytes` is.
};

/// Whether `x` is UTF-8 (RFC 3629), as text messages and names have to be.
bool is_utf8(std::string_view x) noexcept;

/// One immutable, shared WebSocket message: the header a server sends
/// (RFC 6455 section 5.2: FIN set, no mask) and the payload in one block, made
/// once for any number of receivers (C57). Copies share the block.
/// Thread-safe to read and to copy.
class frame {
public:
  /// An empty text message. Does not allocate.
  frame() noexcept
    : bytes_(std::shared_ptr<const void>{}, empty_text),
      header_size_(2) {
  }

  frame(const frame&) noexcept = default;

  /// Leaves `x` an empty text message.
  frame(frame&& x) noexcept : frame() {
    swap(x);
  }

  frame& operator=(const frame&) noexcept = default;

  /// Leaves `x` an empty text message.
  frame& operator=(frame&& x) noexcept {
    frame tmp{std::move(x)};
    swap(tmp);
    return *this;
  }

  ~frame() = default;

  /// A text message (opcode 1). @pre `payload` is UTF-8.
  static frame text(std::string_view payload);

  /// A binary message (opcode 2).
  static frame binary(std::string_view payload);

  /// Text if `payload` is UTF-8, else binary: browsers drop a connection that
  /// carries broken text (C53).
  static frame automatic(std::string_view payload);

  /// A message whose payload is `parts`, one after the other, written straight
  /// into the block. @pre binary, or all parts together are UTF-8.
  static frame concat(bool binary,
                      std::initializer_list<std::string_view> parts);

  /// The message at the beginning of `bytes`, which are a part of what `owner`
  /// holds: nothing is copied. None if there is no whole, unmasked data frame.
  /// @pre text is UTF-8.
  static std::optional<frame> from_wire(std::shared_ptr<const char[]> owner,
                                        std::string_view bytes);

  /// The application's bytes, without header.
  std::string_view payload() const noexcept {
    return {bytes_.get() + header_size_, payload_size_};
  }

  /// Header and payload, ready for the wire.
  slice wire() const {
    return {bytes_, {bytes_.get(), header_size_ + payload_size_}, 1};
  }

  bool is_binary() const noexcept {
    return (bytes_[0] & 0x0f) == 2;
  }

  void swap(frame& x) noexcept {
    bytes_.swap(x.bytes_);
    std::swap(payload_size_, x.payload_size_);
    std::swap(header_size_, x.header_size_);
  }

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

/// A control frame as a server sends it. @pre `payload` is at most
/// `max_control_payload` bytes.
slice control_frame(opcode what, std::string_view payload);

} // namespace troupe
