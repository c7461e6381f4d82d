#pragma once

#include "base/frame_header.hpp"
#include "net/runtime/worker.hpp"
#include "net/wire/deflater.hpp"
#include "net/wire/raw_window.hpp"
#include "troupe/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace troupe::net {

/// Settings for compression.
struct deflate_rules {
  int level = 1;
  size_t threshold = 0; ///< Smaller payloads are not compressed.

  friend bool operator==(const deflate_rules&, const deflate_rules&) = default;
};

/// Compresses frames for all connections of a thread, each frame once for each
/// size of the window, of which 2^15 bytes is usual. Results are kept until the
/// end of the turn, when a broadcast has reached its receivers.
class deflate_cache final : public flushable {
public:
  /// Returns the instance of the calling thread.
  static deflate_cache& of_thread();

  /// Returns the same messages, compressed where that makes them smaller. The
  /// result can be shared like `frames`.
  /// @param window_bits size of the window as a power of two, 9 to 15.
  /// @pre `frames` holds data frames; `event_loop` is the calling thread's.
  slice deflate(slice frames, const deflate_rules& rules, int window_bits,
                worker& event_loop);

  /// Returns the number of compressed messages. For tests.
  uint64_t deflations() const noexcept {
    return deflations_;
  }

  /// Drops all results.
  void flush() override;

private:
  struct entry {
    /// Keeps the address that is the key valid.
    std::shared_ptr<const char[]> source;
    slice frames;
  };

  /// Address and size of the source, and the size of the window.
  using key = std::tuple<const char*, size_t, int>;

  void obey(const deflate_rules& rules, int window_bits);
  const slice* find(std::string_view frames) const;
  slice deflate_one(const slice& frames);
  slice deflate_block(const slice& frames);
  std::string_view compress(base::frame_view x);
  void remember(const slice& source, std::string_view bytes, slice result);

  deflate_rules rules_;
  int window_bits_ = max_window_bits;
  std::map<std::pair<int, int>, deflater> deflaters_; ///< By level and window.
  std::map<key, entry> done_;                         ///< Frames and blocks.
  size_t remembered_ = 0; ///< Size of all sources and results in bytes.
  std::string frame_;     ///< Buffer for one compressed frame.
  std::string block_;     ///< Buffer for the result of a block.
  uint64_t deflations_ = 0;
};

} // namespace troupe::net
