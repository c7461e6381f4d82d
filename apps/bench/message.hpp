#pragma once

#include "endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>

namespace troupe::bench {

/// RFC 6455 section 5.2: the first byte of an unfragmented frame.
enum class frame_type : std::uint8_t {
  text = 0x81,
  close = 0x88,
  ping = 0x89,
  pong = 0x8a,
};

/// Writes the eight nibbles of `x`, lowest first, as the letters 'a' to 'p'.
/// Numbers travel in this form since it costs no loop and no branch.
[[nodiscard]] constexpr std::uint64_t letters(std::uint32_t x) {
  std::uint64_t y = x;
  y = (y | y << 16) & 0x0000ffff0000ffff;
  y = (y | y << 8) & 0x00ff00ff00ff00ff;
  y = (y | y << 4) & 0x0f0f0f0f0f0f0f0f;
  return y + 0x6161616161616161;
}

/// Inverse of `letters`; any input yields some number.
[[nodiscard]] constexpr std::uint32_t number(std::uint64_t text) {
  auto y = text - 0x6161616161616161;
  y &= 0x0f0f0f0f0f0f0f0f;
  y = (y | y >> 4) & 0x00ff00ff00ff00ff;
  y = (y | y >> 8) & 0x0000ffff0000ffff;
  return static_cast<std::uint32_t>(y | y >> 16);
}

/// Builds frames as a client sends them: masked, RFC 6455 section 5.3.
/// Not thread-safe.
class frame_writer {
public:
  /// Appends one whole frame to `out`.
  void append(std::string& out, frame_type type, std::string_view payload);

private:
  std::minstd_rand masks_;
};

/// The messages of one run, all of one size: the sender in 8 letters, its
/// sequence number in 8 letters, then padding that depends on both.
class message_format {
public:
  static constexpr std::size_t min_size = 16;

  /// @param size  message in bytes, at least `min_size`.
  explicit message_format(std::size_t size, dialect form = dialect::plain);

  /// The bytes before each message the server sends (no mask).
  [[nodiscard]] std::string_view server_header() const {
    return header_;
  }

  [[nodiscard]] std::size_t server_frame_size() const {
    return header_.size() + size_ + suffix_.size();
  }

  /// Writes the payload of a frame into `out`, replacing what was there.
  void write(std::string& out, std::uint32_t sender, std::uint32_t seq) const;

  [[nodiscard]] static std::uint32_t sender_of(const char* message) {
    return number(load(message));
  }

  [[nodiscard]] static std::uint32_t sequence_of(const char* message) {
    return number(load(message + 8));
  }

  /// Compares every byte behind the header of a received frame.
  [[nodiscard]] bool matches(const char* message, std::uint32_t sender,
                             std::uint32_t seq) const {
    return load(message) == letters(sender) && load(message + 8) == letters(seq)
           && std::memcmp(message + min_size, padding(sender, seq),
                          size_ - min_size)
                == 0
           // On some processors nothing, at no address, takes long to compare.
           && (suffix_.empty()
               || std::memcmp(message + size_, suffix_.data(), suffix_.size())
                    == 0);
  }

private:
  [[nodiscard]] static std::uint64_t load(const char* bytes) {
    std::uint64_t x;
    std::memcpy(&x, bytes, sizeof(x));
    return x;
  }

  [[nodiscard]] const char* padding(std::uint32_t sender,
                                    std::uint32_t seq) const {
    return pattern_.data() + (sender * 7 + seq) % shifts;
  }

  // Neighbouring messages begin their padding at different places of the
  // pattern, so that the tail of one message never passes for another's.
  static constexpr std::size_t shifts = 64;

  std::size_t size_;
  std::string_view prefix_;
  std::string_view suffix_;
  std::string header_;
  std::string pattern_;
};

} // namespace troupe::bench
