#pragma once

#include "troupe/frame.hpp"

#include <caf/fwd.hpp>

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace troupe {

/// What a room hands each member at once: the messages that were published in
/// one turn, in the room's order, as one contiguous block of frames which all
/// members share. Marks tell where each message lies, so that the receiver of
/// a `broadcast` can skip its own. Immutable; thread-safe to read and to copy.
class batch {
public:
  /// One message on its way into a batch.
  struct entry {
    frame message;
    uint64_t from = 0;        ///< The sender's `caf::actor_id`, 0 for none.
    bool skip_sender = false; ///< Not for `from` itself.
    bool from_remote = false; ///< From another node: goes to none again.

    friend bool operator==(const entry&, const entry&) = default;
  };

  batch() = default;

  /// @param entries the messages in the order of delivery.
  explicit batch(std::vector<entry> entries);

  /// How many messages it holds, skipped ones included.
  size_t size() const noexcept {
    return data_ ? data_->entries.size() : 0;
  }

  /// What its frames take, in bytes.
  size_t bytes() const noexcept {
    return data_ ? data_->block.bytes.size() : 0;
  }

  /// Whether some message in it is not for `receiver`.
  bool skips(uint64_t receiver) const noexcept;

  /// The messages for `receiver`, in order: calls `f(const frame&)` for each.
  template <class F>
  void for_each(uint64_t receiver, F f) const {
    if (data_)
      for (const auto& x : data_->entries)
        if (!x.skip_sender || x.from != receiver)
          f(x.message);
  }

  /// The bytes for `receiver`: calls `f(slice)` for each contiguous run of
  /// frames, once if nothing is skipped.
  template <class F>
  void for_each_slice(uint64_t receiver, F f) const {
    if (!data_)
      return;
    if (!skips(receiver)) {
      f(data_->block);
      return;
    }
    for (const auto& run : runs_for(receiver))
      f(run);
  }

  const std::vector<entry>& entries() const noexcept;

  friend bool operator==(const batch& x, const batch& y) noexcept {
    return x.entries() == y.entries();
  }

private:
  struct data {
    std::vector<entry> entries;
    slice block;
    std::vector<uint64_t> skipped; ///< Sorted ids that must skip something.
  };

  std::vector<slice> runs_for(uint64_t receiver) const;

  std::shared_ptr<const data> data_;
};

} // namespace troupe
