#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace troupe::net {

/// Decompresses messages independently (RFC 7692 section 7.2.2 without context
/// takeover) for all connections of a thread, so that idle connections hold no
/// memory for it.
class inflater {
public:
  enum class outcome : uint8_t {
    whole,
    broken,  ///< Invalid or incomplete compressed data.
    too_big, ///< Exceeds `most`; inflating stopped there.
  };

  struct result {
    outcome how;
    std::string_view bytes; ///< If `whole`: valid until the next call.
  };

  inflater();
  ~inflater();
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;

  /// Returns the instance of the calling thread.
  static inflater& of_thread();

  /// @param message complete, its fragments joined.
  /// @param most maximum size of the result in bytes.
  result inflate(std::string_view message, size_t most);

  /// Releases memory that a large message has required. Invalidates `bytes`.
  void release_memory();

private:
  static constexpr size_t small = 16 * 1024;

  bool feed(std::string_view bytes, size_t most);
  size_t make_room(size_t most);
  bool is_between_blocks() const noexcept;

  z_stream stream_{};
  std::unique_ptr<char[]> output_;
  size_t capacity_ = 0;
  size_t size_ = 0;
  bool too_big_ = false;
  bool ended_ = false; ///< The data contained a final block.
};

} // namespace troupe::net
