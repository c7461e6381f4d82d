#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include <csignal>

namespace troupe::net {

/// Handles SIGINT, SIGTERM and SIGHUP, and the time limit for shutting down. A
/// dedicated thread waits for them, so it works even if all runtime threads are
/// blocked. Create it before other threads, which then inherit the blocked
/// signals. SIGHUP is left alone if the process ignores it, as under `nohup`.
class stop_signals {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Why `wait_for` has returned.
  enum class event {
    time_out,
    hang_up, ///< SIGHUP: the process shall read its settings again.
    stop,    ///< SIGINT, SIGTERM or a call of `request`.
  };

  stop_signals();

  /// Stops handling the signals. They remain blocked.
  ~stop_signals();

  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;

  /// Blocks until SIGINT, SIGTERM, SIGHUP or a call of `request`, for at most
  /// `time`. After the first SIGINT or SIGTERM, each further one ends the
  /// process at once, with status 128 plus its number.
  event wait_for(std::chrono::nanoseconds time);

  /// Makes `wait_for` return `stop`. Thread-safe.
  void request();

  /// Calls `f` at `end` on this object's thread, unless this object is
  /// destroyed before. Replaces the previous call; if that is running, waits
  /// until it returns.
  void limit(time_point end, std::function<void()> f);

private:
  void run();
  int next();
  void on_signal(int signal);
  void poke();

  sigset_t set_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_requested_ = false;
  bool has_hung_up_ = false; ///< SIGHUP has arrived since the last wait.
  bool is_over_ = false;
  int received_ = 0;
  std::optional<time_point> end_;
  std::function<void()> at_end_;
  std::thread thread_;
};

} // namespace troupe::net
