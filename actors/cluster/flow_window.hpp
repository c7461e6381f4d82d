#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace troupe::actors {

/// Limits the bytes in flight to another node, that is, sent and not
/// acknowledged. Follows the product of bandwidth and delay: the window is
/// twice the number of bytes acknowledged per round trip, so that the path is
/// always full, times the ratio of the round trip of an empty path to the
/// current one. That ratio keeps the window small if the receiver is slow,
/// since queueing increases the round trip but not the rate. Compare TCP Vegas
/// and BBR.
///
/// The round trip of an empty path is the shortest one that was measured. After
/// ten seconds, the window shrinks to `least` for one round trip to measure it
/// again.
class flow_window {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// @param least minimum window in bytes.
  /// @param most  maximum window in bytes, at least `least`.
  flow_window(size_t least, size_t most) noexcept;

  /// Sets new bounds.
  void set_bounds(size_t least, size_t most) noexcept;

  /// Returns whether one more message, of any size, may be sent.
  bool is_open() const noexcept {
    return under_way() < size();
  }

  /// Returns the bytes that are sent and not acknowledged.
  size_t under_way() const noexcept {
    return static_cast<size_t>(sent_ - done_);
  }

  /// Returns the current window in bytes.
  size_t size() const noexcept {
    return is_probing_ ? least_ : size_;
  }

  size_t least() const noexcept {
    return least_;
  }

  /// Notes that a message of `bytes` was sent.
  void sent(size_t bytes, time_point now) noexcept;

  /// Notes that `bytes` more were acknowledged, in the order in which they were
  /// sent.
  void done(size_t bytes, time_point now) noexcept;

private:
  using duration = time_point::duration;

  /// A measurement. Lasts from sending a message until the first message that
  /// is sent after the acknowledgment of that message. One acknowledgment may
  /// cover many messages.
  struct round {
    time_point began;
    time_point acknowledged; ///< Last time, from the message itself on.
    uint64_t end = 0;        ///< `done_` when the message is acknowledged.
    uint64_t done = 0;       ///< `done_` at the beginning.
    bool is_over = true;     ///< The message is acknowledged.
    bool was_small = false;  ///< Less than `least_` was in flight before.
    bool was_full = false;   ///< The window was closed in the meantime.
  };

  void begin_round(size_t bytes, time_point now) noexcept;
  void note_trip(time_point now) noexcept;
  void resize() noexcept;

  size_t least_;
  size_t most_;
  size_t size_;
  uint64_t sent_ = 0;
  uint64_t done_ = 0;
  round round_;
  duration shortest_ = duration::max(); ///< Round trip.
  time_point shortest_seen_;
  bool is_probing_ = false;
};

} // namespace troupe::actors
