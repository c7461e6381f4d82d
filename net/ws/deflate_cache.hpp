#pragma once

#include "base/frame_header.hpp"
#include "net/runtime/worker.hpp"
#include "net/wire/deflater.hpp"
#include "troupe/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::net {

/// How to compress.
struct deflate_rules {
  int level = 1;
  size_t threshold = 0; ///< Smaller payloads are left as they are.

  friend bool operator==(const deflate_rules&, const deflate_rules&) = default;
};

/// Compresses frames for all connections of a thread, each frame once: what a
/// turn has compressed is remembered until the turn ends, when a broadcast has
/// reached its members.
class deflate_cache final : public flushable {
public:
  /// The calling thread's.
  static deflate_cache& of_thread();

  /// The same messages, those compressed that become smaller by it. The result
  /// is shared like `frames`. @pre `frames` are data frames; `event_loop` is
  /// the calling thread's.
  slice deflate(slice frames, const deflate_rules& rules, worker& event_loop);

  /// How often a message was compressed: for tests.
  uint64_t deflations() const noexcept {
    return deflations_;
  }

  /// Forgets all.
  void flush() override;

private:
  struct entry {
    std::shared_ptr<const char[]> source; ///< Makes its address good as a key.
    slice frames;
  };

  using key = std::pair<const char*, size_t>;

  void obey(const deflate_rules& rules);
  const slice* find(std::string_view frames) const;
  slice deflate_one(const slice& frames);
  slice deflate_block(const slice& frames);
  std::string_view compress(base::frame_view x);
  void remember(const slice& source, std::string_view bytes, slice result);

  deflate_rules rules_;
  std::map<int, deflater> deflaters_; ///< By level.
  std::map<key, entry> done_; ///< By address and size: frames and blocks.
  size_t remembered_ = 0;     ///< Bytes.
  std::string frame_;         ///< Room for a result under way.
  std::string block_;         ///< Room for some.
  uint64_t deflations_ = 0;
};

} // namespace troupe::net
