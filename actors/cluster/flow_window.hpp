#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace troupe::actors {

/// How many bytes may be under way to another node, sent and not acknowledged.
/// Follows bandwidth times delay: twice what is acknowledged in one round trip,
/// so that the path is always full, divided by how much longer that round trip
/// took than an empty path needs. The latter keeps the window small for a
/// receiver that is slow: what waits in front of it makes the round trip longer
/// and not the rate higher. Compare TCP Vegas and BBR.
///
/// What an empty path needs is the shortest round trip of the last while. Once
/// that is old, the window closes to `least` for a round trip to measure it
/// anew.
class flow_window {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// @param least bytes that may be under way in any case.
  /// @param most bytes that may be under way at all, at least `least`.
  flow_window(size_t least, size_t most) noexcept;

  /// Sets new bounds.
  void set_bounds(size_t least, size_t most) noexcept;

  /// Whether one more message, of any size, may be sent.
  bool is_open() const noexcept {
    return under_way() < size();
  }

  /// Bytes sent and not acknowledged.
  size_t under_way() const noexcept {
    return static_cast<size_t>(sent_ - done_);
  }

  /// Bytes that may be under way now.
  size_t size() const noexcept {
    return is_probing_ ? least_ : size_;
  }

  size_t least() const noexcept {
    return least_;
  }

  /// So many bytes were sent.
  void sent(size_t bytes, time_point now) noexcept;

  /// So many bytes were acknowledged, in the order in which they were sent.
  void done(size_t bytes, time_point now) noexcept;

private:
  using duration = time_point::duration;

  /// From sending a message to sending the next one after that is acknowledged:
  /// acknowledgements may come many at a time.
  struct round {
    time_point began;
    time_point acknowledged; ///< The last time, once the message itself was.
    uint64_t end = 0;        ///< `done_` when the message is acknowledged.
    uint64_t done = 0;       ///< `done_` at the beginning.
    bool is_over = true;     ///< The message is acknowledged.
    bool was_small = false;  ///< Not more than `least_` was under way.
    bool was_full = false;   ///< The window was closed in between.
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
