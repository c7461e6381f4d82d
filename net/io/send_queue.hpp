#pragma once

#include "troupe/config.hpp"
#include "troupe/frame.hpp"

#include <boost/container/small_vector.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::net {

/// How much may wait for a slow receiver, and what happens beyond it (C60).
struct queue_bounds {
  size_t bytes;
  size_t messages;
  overflow policy;
  std::string event_prefix; ///< What `conflate` knows events by.
};

/// Messages that were not sent.
struct losses {
  uint64_t dropped = 0;
  uint64_t conflated = 0; ///< A newer one of the same event was kept.
};

/// The frames on their way to one socket, first in, first out. A slice that
/// has messages is data and may lose some of them, each as a whole; one that
/// has none is a control frame and stays. What the kernel has in part stays,
/// too.
class send_queue {
public:
  // -- properties -------------------------------------------------------------

  /// Not yet sent.
  size_t bytes() const noexcept {
    return bytes_;
  }

  /// Not yet sent in full.
  size_t messages() const noexcept {
    return messages_;
  }

  bool empty() const noexcept {
    return bytes_ == 0;
  }

  /// Whether `x` can be added. One message of any size may wait alone.
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

  /// Adds frames and makes room by the policy. All but `drop_newest` keep the
  /// newest message, whatever its size. @pre the policy is not `disconnect`.
  losses push(slice frames, const queue_bounds& most);

  // -- sending ----------------------------------------------------------------

  /// An upper bound for the calls of `for_each_part`.
  size_t parts() const noexcept {
    return slices_.size() - front_;
  }

  /// Calls `f(std::string_view)` for what is to be sent, in order, until it
  /// returns false.
  template <class F>
  void for_each_part(F f) const {
    for (auto i = front_; i < slices_.size(); ++i)
      if (auto part = slices_[i].bytes.substr(i == front_ ? front_sent_ : 0);
          !part.empty() && !f(part))
        return;
  }

  /// Forgets the first `size` bytes: the kernel has them.
  void sent(size_t size);

  // -- dropping ---------------------------------------------------------------

  /// Forgets all messages of which the kernel has nothing.
  void drop_waiting();

  void clear() noexcept;

  /// Gives back what a burst needed. Call when there is time.
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
  size_t front_ = 0;      ///< The first slice not yet sent in full.
  size_t front_sent_ = 0; ///< Bytes of it that the kernel has.
  size_t bytes_ = 0;
  size_t messages_ = 0;

  size_t oldest_ = 0;      ///< No message to drop in the slices before it.
  size_t hollow_ = 0;      ///< Slices from there back that lost all they had.
  uint64_t unchecked_ = 0; ///< Messages added since the last `conflate`.
};

} // namespace troupe::net
