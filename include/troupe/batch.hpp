#pragma once

#include "troupe/frame.hpp"

#include <caf/fwd.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace troupe {

/// Holds the messages that a room delivers to its members for one turn: what
/// was published in that turn, in the order of the room, as one contiguous
/// block of frames that all members share. The receiver of a `broadcast` skips
/// its own messages, since each entry records its sender.
///
/// Immutable. Distinct and shared objects may be read and copied on any thread.
class batch {
public:
  /// Describes one message of a batch.
  struct entry {
    frame message;
    uint64_t from = 0; ///< The `caf::actor_id` of the sender; 0 for none.
    bool skip_sender = false; ///< If true, `from` does not get the message.
    bool from_remote = false; ///< If true, the message came from another node
                              ///< and stays on this node.

    friend bool operator==(const entry&, const entry&) = default;
  };

  /// Creates an empty batch.
  batch() = default;

  /// Creates a batch of `entries`.
  /// @param entries  the messages in the order of delivery.
  explicit batch(std::vector<entry> entries);

  /// Returns the number of messages, skipped ones included.
  size_t size() const noexcept {
    return data_ ? data_->entries.size() : 0;
  }

  /// Returns the size of all frames in bytes.
  size_t bytes() const noexcept {
    return data_ ? data_->block.bytes.size() : 0;
  }

  /// Returns whether `receiver` skips at least one message.
  /// @param receiver  the `caf::actor_id` of a member.
  bool skips(uint64_t receiver) const noexcept;

  /// Calls a function for each message for `receiver`, in order.
  /// @param receiver  the `caf::actor_id` of a member.
  /// @param f         takes a `const frame&`.
  template <class F>
  void for_each(uint64_t receiver, F f) const {
    if (data_)
      for (const auto& x : data_->entries)
        if (!x.skip_sender || x.from != receiver)
          f(x.message);
  }

  /// Calls a function for each contiguous run of frames for `receiver`, in
  /// order: once if `receiver` skips no message.
  /// @param receiver  the `caf::actor_id` of a member.
  /// @param f         takes a `const slice&`.
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

  /// Returns the same batch with each message replaced by `f(message)`. The
  /// first call makes it, and all copies share it: every call for one batch has
  /// to pass an equivalent function. Valid as long as a copy of this batch.
  /// @param f  takes and returns a frame.
  template <class F>
  const batch& translated(F f) const {
    if (!data_)
      return *this;
    std::call_once(data_->is_translated, [&] {
      auto entries = data_->entries;
      for (auto& x : entries)
        x.message = f(x.message);
      data_->translation = std::make_unique<batch>(std::move(entries));
    });
    return *data_->translation;
  }

  /// Returns all messages in the order of delivery.
  const std::vector<entry>& entries() const noexcept;

  friend bool operator==(const batch& x, const batch& y) noexcept {
    return x.entries() == y.entries();
  }

private:
  struct data {
    std::vector<entry> entries;
    slice block;
    std::vector<uint64_t> skipped; ///< Senders that skip messages, sorted.
    mutable std::once_flag is_translated;
    mutable std::unique_ptr<batch> translation; ///< See `translated`.
  };

  std::vector<slice> runs_for(uint64_t receiver) const;

  std::shared_ptr<const data> data_;
};

} // namespace troupe
