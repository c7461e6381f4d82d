#pragma once

#include "base/log_line.hpp"
#include "base/log_quota.hpp"
#include "troupe/log.hpp"

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::base {

/// The queue of the log and the thread that writes its lines
/// (docs/decisions/0009). There is one instance per process. The thread starts
/// with the first line and is never joined, since a write or a sink may block
/// it; therefore the instance is never destroyed. In the child of a `fork`, a
/// new instance with an empty queue replaces it. Thread-safe.
class log_thread {
public:
  using sink = std::function<void(log_level, std::string_view)>;

  static log_thread& instance();

  log_thread(const log_thread&) = delete;
  log_thread& operator=(const log_thread&) = delete;

  /// Queues a line, or counts it as lost if the queue is full.
  void push(log_level level, const log_fields& about, std::string_view text);

  /// Same as `push`, but omits the line if the quota of its level and category
  /// is used up.
  void push_limited(log_level level, const log_fields& about,
                    std::string_view text);

  void set(const log_config& cfg);
  log_config config();

  /// See `set_log_sink`.
  void set(sink f);

  /// See `flush_log`.
  bool flush(std::chrono::milliseconds timeout);

private:
  using clock = std::chrono::steady_clock;
  using lock = std::unique_lock<std::mutex>;
  using sink_ptr = std::shared_ptr<const sink>;

  struct limited {
    std::string category;
    log_level level;
    log_quota quota;
  };

  log_thread(const log_config& cfg, sink_ptr to);

  /// Replaces the instance in the child after `fork`.
  static void begin_anew();

  /// Called at process exit. Waits briefly for queued lines to be written;
  /// later lines are dropped, since a sink may use objects that are then being
  /// destroyed.
  void close();

  // -- with the mutex held ----------------------------------------------------

  void enqueue(log_line&& x);
  log_quota& quota_for(log_level level, std::string_view category);
  clock::time_point next_report() const;
  void report_left_out(clock::time_point now);
  bool start();
  void await_work(lock& guard);

  // -- on the log thread, without the mutex -----------------------------------

  void run();
  void write(const std::deque<log_line>& lines, uint64_t lost);
  void write(const log_line& x);
  void give(const sink& to, const log_line& x, log_format format);

  std::mutex mutex_; ///< Guards all of the following.
  std::condition_variable work_;
  std::condition_variable progress_;
  std::deque<log_line> queue_;
  size_t bytes_ = 0;
  uint64_t lost_ = 0; ///< Lines lost after those in the queue.
  std::vector<limited> limited_;
  uint64_t pushed_ = 0; ///< Lines ever queued.
  uint64_t done_ = 0;   ///< Lines taken from the queue and processed.
  bool is_running_ = false;
  bool is_closed_ = false; ///< No more lines are queued.
  bool is_over_ = false;   ///< No more lines are written.
  bool is_in_sink_ = false;
  bool has_thrown_ = false; ///< Whether an exception of the sink was reported.
  log_config config_;
  sink_ptr sink_;
};

} // namespace troupe::base
