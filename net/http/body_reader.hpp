#pragma once

#include "net/http/fair_budget.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::net {

/// How far the body of a request has been read.
enum class body_state : uint8_t {
  incomplete,
  complete,
  too_large, ///< Larger than permitted.
  malformed, ///< The chunked coding is invalid.
  no_memory, ///< Too many bodies are being read, at all or for the address.
};

/// Reads the body of one request: of a known size, or in chunks (RFC 9112
/// sections 6 and 7). Beast 1.81 does not limit extensions of chunks and throws
/// for long trailer fields. Extensions and trailer fields are checked and
/// ignored.
class body_reader {
public:
  /// @param size      the Content-Length; nothing for a chunked body.
  /// @param max_size  maximum size in bytes.
  /// @param memory    grows with the body.
  body_reader(std::optional<uint64_t> size, size_t max_size,
              fair_budget::share memory);

  /// Reads bytes of the body.
  /// @param input  what was received after the head and is not consumed yet.
  /// @returns the number of bytes consumed. The others belong to the next
  ///          request, or to a line that is incomplete.
  size_t consume(std::string_view input);

  body_state state() const noexcept {
    return state_;
  }

  /// Returns the body. Its memory counts until this object is destroyed.
  std::string take() noexcept {
    return std::move(body_);
  }

private:
  enum class part : uint8_t {
    chunk_size,
    chunk_data,
    chunk_end,
    trailer,
    data
  };

  bool advance(std::string_view& rest);
  bool read_chunk_size(std::string_view& rest);
  bool read_chunk_end(std::string_view& rest);
  bool read_trailer(std::string_view& rest);
  bool read_data(std::string_view& rest);
  bool begin_data(uint64_t size);
  std::optional<std::string_view> take_line(std::string_view& rest);
  bool note_ignored(size_t size);
  bool end(body_state how) noexcept;

  const size_t max_size_;
  fair_budget::share memory_;
  part part_;
  body_state state_ = body_state::incomplete;
  uint64_t left_ = 0;  ///< Missing bytes of the chunk, or of the body.
  size_t ignored_ = 0; ///< Bytes of extensions and trailer fields.
  std::string body_;
};

} // namespace troupe::net
