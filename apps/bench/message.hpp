#pragma once

#include "endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>

namespace troupe::bench {

/// The first byte of an unfragmented frame (RFC 6455 section 5.2).
enum class frame_type : std::uint8_t {
  text = 0x81,
  close = 0x88,
  ping = 0x89,
  pong = 0x8a,
};

/// Encodes the eight nibbles of `x`, lowest first, as the letters 'a' to 'p'.
/// This encoding needs no loop and no branch.
[[nodiscard]] constexpr std::uint64_t letters(std::uint32_t x) {
  std::uint64_t y = x;
  y = (y | y << 16) & 0x0000ffff0000ffff;
  y = (y | y << 8) & 0x00ff00ff00ff00ff;
  y = (y | y << 4) & 0x0f0f0f0f0f0f0f0f;
  return y + 0x6161616161616161;
}

/// Inverse of `letters`. Returns some number for invalid input.
[[nodiscard]] constexpr std::uint32_t number(std::uint64_t text) {
  auto y = text - 0x6161616161616161;
  y &= 0x0f0f0f0f0f0f0f0f;
  y = (y | y >> 4) & 0x00ff00ff00ff00ff;
  y = (y | y >> 8) & 0x0000ffff0000ffff;
  return static_cast<std::uint32_t>(y | y >> 16);
}

/// Builds masked frames of a client (RFC 6455 section 5.3). Not thread-safe.
class frame_writer {
public:
  /// Appends a complete frame to `out`.
  void append(std::string& out, frame_type type, std::string_view payload);

private:
  std::minstd_rand masks_;
};

/// What a dialect adds to a message.
struct affixes {
  std::string_view client_prefix; ///< Before a message of a client.
  std::string_view server_prefix; ///< Before a message of the server.
  std::string_view suffix;        ///< After both.
};

/// The messages of a run, all of the same size: 8 letters for the sender, 8
/// letters for the sequence number, then padding that depends on both.
class message_format {
public:
  static constexpr std::size_t min_size = 16;

  /// @param size size of a message in bytes, at least `min_size`.
  explicit message_format(std::size_t size, dialect form = dialect::plain);

  /// Returns the bytes before each message sent by the server, unmasked.
  [[nodiscard]] std::string_view server_header() const {
    return header_;
  }

  [[nodiscard]] std::size_t server_frame_size() const {
    return header_.size() + size_ + affixes_.suffix.size();
  }

  /// Replaces `out` by the payload of a frame.
  void write(std::string& out, std::uint32_t sender, std::uint32_t seq) const;

  [[nodiscard]] static std::uint32_t sender_of(const char* message) {
    return number(load(message));
  }

  [[nodiscard]] static std::uint32_t sequence_of(const char* message) {
    return number(load(message + 8));
  }

  /// Compares every byte after the header of a received frame.
  [[nodiscard]] bool matches(const char* message, std::uint32_t sender,
                             std::uint32_t seq) const {
    return load(message) == letters(sender) && load(message + 8) == letters(seq)
           && std::memcmp(message + min_size, padding(sender, seq),
                          size_ - min_size)
                == 0
           // On some processors, comparing zero bytes at a null pointer is
           // slow.
           && (affixes_.suffix.empty()
               || std::memcmp(message + size_, affixes_.suffix.data(),
                              affixes_.suffix.size())
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

  // The padding of successive messages begins at different positions of the
  // pattern, so that the end of one message never matches that of another.
  static constexpr std::size_t shifts = 64;

  std::size_t size_;
  affixes affixes_;
  std::string header_;
  std::string pattern_;
};

} // namespace troupe::bench
