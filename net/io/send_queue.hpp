#pragma once

#include "troupe/config.hpp"
#include "troupe/frame.hpp"

#include <boost/container/small_vector.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::net {

/// Limits of the output for a slow receiver, and the reaction to exceeding them
/// (C60).
struct queue_bounds {
  size_t bytes;
  size_t messages;
  overflow policy;
  /// Identifies events for `conflate`. Empty: messages are those of version 2
  /// of the protocol, where the room is part of the event.
  std::string event_prefix;
};

/// Number of messages that were not sent.
struct losses {
  uint64_t dropped = 0;
  uint64_t conflated = 0; ///< Replaced by a newer message of the same event.

  losses& operator+=(const losses& x) noexcept {
    dropped += x.dropped;
    conflated += x.conflated;
    return *this;
  }
};

/// Queue of frames for one socket, in FIFO order. A slice with messages holds
/// data frames, each of which may be dropped; a slice without messages holds a
/// control frame, which is kept. A frame that was sent in part is kept, too.
class send_queue {
public:
  // -- properties -------------------------------------------------------------

  /// Returns the number of bytes not sent yet.
  size_t bytes() const noexcept {
    return bytes_;
  }

  /// Returns the number of messages not completely sent yet.
  size_t messages() const noexcept {
    return messages_;
  }

  bool empty() const noexcept {
    return bytes_ == 0;
  }

  /// Returns whether `x` can be added. An empty queue has room for one message
  /// of any size.
  bool has_room_for(const slice& x, const queue_bounds& most) const noexcept {
    return empty()
           || (bytes_ + x.bytes.size() <= most.bytes
               && messages_ + x.messages <= most.messages);
  }

  // -- adding -----------------------------------------------------------------

  void push(slice frames) {
    bytes_ += frames.bytes.size();
    messages_ += frames.messages;
    unchecked_ += frames.messages;
    slices_.push_back(std::move(frames));
  }

  /// Adds frames, then drops messages according to the policy. All policies but
  /// `drop_newest` keep the newest message, whatever its size.
  /// @pre the policy is not `disconnect`.
  losses push(slice frames, const queue_bounds& most);

  // -- sending ----------------------------------------------------------------

  /// Returns an upper bound for the number of calls made by `for_each_part`.
  size_t parts() const noexcept {
    return slices_.size() - front_;
  }

  /// Calls `f(std::string_view)` for the bytes to send, in order, until it
  /// returns false.
  template <class F>
  void for_each_part(F f) const {
    for (auto i = front_; i < slices_.size(); ++i)
      if (auto part = slices_[i].bytes.substr(i == front_ ? front_sent_ : 0);
          !part.empty() && !f(part))
        return;
  }

  /// Removes the first `size` bytes, which the kernel has accepted.
  void sent(size_t size);

  // -- dropping ---------------------------------------------------------------

  /// Drops all messages of which no part has been sent.
  void drop_waiting();

  void clear() noexcept;

  /// Releases memory that a burst has required. Call periodically.
  void release_memory();

private:
  static constexpr size_t inline_slices = 2;

  using slices = boost::container::small_vector<slice, inline_slices>;

  bool exceeds(size_t bytes, size_t messages) const noexcept {
    return bytes_ > bytes || messages_ > messages;
  }

  bool is_under_way(size_t i) const noexcept {
    return i == front_ && front_sent_ > 0;
  }

  void trim_front();
  void drop_sent_slices();
  void isolate_front();
  size_t waiting() const noexcept;
  void drop_first();
  void drop_hollow();
  uint64_t drop_oldest(const queue_bounds& most);
  slice cut_to_room(slice frames, const queue_bounds& most) const;
  bool should_conflate() const noexcept;
  uint64_t conflate(std::string_view prefix);

  slices slices_;
  size_t front_ = 0;      ///< Index of the first slice not completely sent.
  size_t front_sent_ = 0; ///< Bytes of it that have been sent.
  size_t bytes_ = 0;
  size_t messages_ = 0;

  size_t oldest_ = 0; ///< Slices before this index hold no droppable message.
  /// Number of slices from `front_` on that were emptied by dropping.
  size_t hollow_ = 0;
  uint64_t unchecked_ = 0; ///< Messages added since the last `conflate`.
};

} // namespace troupe::net
