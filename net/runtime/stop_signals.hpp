#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include <csignal>

namespace troupe::net {

/// SIGINT and SIGTERM, and the time that a program has to end. A thread of its
/// own waits for them, which goes on whatever holds the runtime's threads. Make
/// one before the others: they inherit that both signals are blocked.
class stop_signals {
public:
  using time_point = std::chrono::steady_clock::time_point;

  stop_signals();

  /// From now on nobody hears the signals.
  ~stop_signals();

  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;

  /// Waits for a signal or `request`. From the second signal on, each ends the
  /// process at once, with status 128 and its number.
  void wait();

  /// Lets `wait` return. Thread-safe.
  void request();

  /// Calls `f` at `end`, on this object's thread, unless this is destroyed
  /// before; takes the place of the call before, and waits for it if it is
  /// under way.
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
  bool is_over_ = false;
  int received_ = 0;
  std::optional<time_point> end_;
  std::function<void()> at_end_;
  std::thread thread_;
};

} // namespace troupe::net
