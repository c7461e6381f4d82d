#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace troupe::growth {

/// Events that actors of this program report.
enum class event {
  room_up,
  room_down,
  connection_up,
  connection_down,
  joined,
  delivered,
  actor_up,
  actor_down,
  node_up,
  node_down,
  died,
  count,
};

/// Counts events on any thread and lets the main thread wait for them.
class tally {
public:
  void add(event what, size_t count = 1) {
    std::lock_guard guard{mutex_};
    counts_[index(what)] += count;
    if (counts_[index(awaited_)] >= goal_)
      reached_.notify_all();
  }

  /// Waits until `what` has been counted `count` times since the last `reset`.
  void await(event what, size_t count) {
    std::unique_lock guard{mutex_};
    awaited_ = what;
    goal_ = count;
    reached_.wait(guard, [&] { return counts_[index(what)] >= count; });
  }

  size_t of(event what) {
    std::lock_guard guard{mutex_};
    return counts_[index(what)];
  }

  void reset() {
    std::lock_guard guard{mutex_};
    counts_ = {};
  }

private:
  static size_t index(event what) {
    return static_cast<size_t>(what);
  }

  std::mutex mutex_;
  std::condition_variable reached_;
  std::array<size_t, static_cast<size_t>(event::count)> counts_{};
  event awaited_ = event::room_up;
  size_t goal_ = 0;
};

} // namespace troupe::growth
