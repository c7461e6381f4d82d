#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace troupe::net {

/// Decompresses messages, each on its own (RFC 7692 section 7.2.2 without
/// context takeover), for all connections of a thread: those that compress
/// hold nothing while they are idle.
class inflater {
public:
  enum class outcome : uint8_t {
    whole,
    broken,  ///< No compressed message, or its beginning only.
    too_big, ///< More bytes than allowed; no more than that were made.
  };

  struct result {
    outcome how;
    std::string_view bytes; ///< If whole: good until the next call.
  };

  inflater();
  ~inflater();
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;

  /// The calling thread's.
  static inflater& of_thread();

  /// @param message a whole one, its fragments joined.
  /// @param most    bytes that it may become.
  result inflate(std::string_view message, size_t most);

  /// Gives back what a large message needed. Ends what `bytes` points to.
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
  bool ended_ = false; ///< The last block said that it was the last.
};

} // namespace troupe::net
