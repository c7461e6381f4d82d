#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace troupe::actors {

/// Counts the actors that may still run user code of a server, so that the
/// server can outlive them. Thread-safe.
class presence {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Counts an actor during its lifetime.
  class stay {
  public:
    explicit stay(presence& at) : at_(at) {
      at_.enter();
    }

    ~stay() {
      at_.leave();
    }

    stay(const stay&) = delete;
    stay& operator=(const stay&) = delete;

  private:
    presence& at_;
  };

  void enter() {
    std::lock_guard guard{mutex_};
    ++count_;
  }

  void leave() {
    std::lock_guard guard{mutex_};
    if (--count_ == 0)
      is_over_.notify_all();
  }

  size_t count() const {
    std::lock_guard guard{mutex_};
    return count_;
  }

  /// Waits until the count is 0.
  void wait() {
    std::unique_lock guard{mutex_};
    is_over_.wait(guard, [this] { return count_ == 0; });
  }

  /// Waits until the count is 0, at most until `end`.
  /// @returns whether the count is 0.
  bool wait_until(time_point end) {
    std::unique_lock guard{mutex_};
    return is_over_.wait_until(guard, end, [this] { return count_ == 0; });
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable is_over_;
  size_t count_ = 0;
};

} // namespace troupe::actors
