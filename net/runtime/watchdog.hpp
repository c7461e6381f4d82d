#pragma once

#include "net/runtime/worker.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>

namespace troupe::net {

/// Checks that all runtime threads make progress. Has a thread of its own,
/// since each of the others may be blocked.
class watchdog {
public:
  using threads = std::span<const std::unique_ptr<worker>>;

  /// Calls `alive` every `interval`, on a thread of this object, as long as
  /// each of `all` has completed a turn since the previous call.
  /// @param all      outlive this object.
  /// @param interval 0: no checks.
  watchdog(threads all, std::chrono::microseconds interval,
           std::function<void()> alive);
  ~watchdog();
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;

private:
  void run();
  void ask();

  const threads all_;
  const std::chrono::microseconds interval_;
  const std::function<void()> alive_;
  /// Number of threads that have answered. Each round has its own, which late
  /// answers keep alive.
  std::shared_ptr<std::atomic<size_t>> answers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_over_ = false;
  std::thread thread_;
};

} // namespace troupe::net
