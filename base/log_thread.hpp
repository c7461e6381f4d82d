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

/// The log's queue and the thread that empties it (docs/decisions/0009). There
/// is one of each in a process. The thread begins with the first line and is
/// never joined, since it may be stuck in a write or in a sink; so what it uses
/// is never destroyed. In the child of a `fork` all begins anew, without the
/// lines of the parent.
class log_thread {
public:
  using sink = std::function<void(log_level, std::string_view)>;

  static log_thread& instance();

  log_thread(const log_thread&) = delete;
  log_thread& operator=(const log_thread&) = delete;

  /// Takes a line, or counts it as lost.
  void push(log_level level, const log_fields& about, std::string_view text);

  /// The same for lines that have a quota.
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

  /// After `fork`, in the child.
  static void begin_anew();

  /// At the end of the process: what is not written soon never is, since a sink
  /// may use what is destroyed then.
  void close();

  // -- with the mutex held ----------------------------------------------------

  void enqueue(log_line&& x);
  log_quota& quota_for(log_level level, std::string_view category);
  clock::time_point next_report() const;
  void report_left_out(clock::time_point now);
  bool start();
  void await_work(lock& guard);

  // -- on the thread, without it ----------------------------------------------

  void run();
  void write(const std::deque<log_line>& lines, uint64_t lost);
  void write(const log_line& x);
  void give(const sink& to, const log_line& x, log_format format);

  std::mutex mutex_; ///< Guards all of the following.
  std::condition_variable work_;
  std::condition_variable progress_;
  std::deque<log_line> queue_;
  size_t bytes_ = 0;
  uint64_t lost_ = 0; ///< After what is in the queue.
  std::vector<limited> limited_;
  uint64_t pushed_ = 0; ///< Lines that ever came to the queue...
  uint64_t done_ = 0;   ///< ...and those that left it.
  bool is_running_ = false;
  bool is_closed_ = false; ///< Takes no more lines...
  bool is_over_ = false;   ///< ...and writes no more.
  bool is_in_sink_ = false;
  bool has_thrown_ = false; ///< The sink, which was reported.
  log_config config_;
  sink_ptr sink_;
};

} // namespace troupe::base
