#pragma once

#include "net/runtime/access_record.hpp"
#include "net/runtime/line_file.hpp"
#include "net/runtime/socket.hpp"

#include <caf/error.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace troupe::net {

/// The access log of the process: one line for each HTTP request and for each
/// WebSocket connection at its end. A thread of its own writes the lines, since
/// a disk or a pipe may block; it is never joined, so the instance is never
/// destroyed. Thread-safe.
class access_log {
public:
  /// Returns the instance. It is closed at first.
  static access_log& of_process();

  access_log(const access_log&) = delete;
  access_log& operator=(const access_log&) = delete;

  /// Appends further lines to `file`; `-` is standard output.
  /// @returns none, or errc::invalid_config with the reason.
  caf::error open(const std::string& file);

  /// Returns whether records are written. Avoids the cost of composing those
  /// that are not.
  bool is_open() const noexcept {
    return is_open_.load(std::memory_order_relaxed);
  }

  /// Opens the file again if its name stands for another one, as after a
  /// rotation, even while the old one is a pipe that nobody reads. If that
  /// fails, logs the reason, once until it works, and continues with the old
  /// one.
  void follow();

  /// Queues a record, or counts it as lost if the queue is full: 8192 records
  /// or 4 MiB. Sets the time and the duration. Does not block.
  void push(access_record x) noexcept;

  /// Queues a record of an HTTP request and its response, unless the log is
  /// closed.
  /// @param since when the request arrived.
  /// @param size  that of the response, in bytes.
  void tell(const request& req, access_record::time_point since,
            unsigned status, size_t size) noexcept;

  /// Returns the number of records that were not written.
  uint64_t lost() const noexcept {
    return lost_.load(std::memory_order_relaxed);
  }

  /// Waits until all records pushed before are written or lost.
  /// @returns false after `timeout`.
  bool flush(std::chrono::milliseconds timeout);

private:
  using lock = std::unique_lock<std::mutex>;
  using file_ptr = std::shared_ptr<line_file>;

  access_log();

  void start();
  void use(descriptor x);
  file_ptr current();
  void run();
  void write(const std::deque<access_record>& records);
  std::error_code append(std::string_view& lines);
  void report(std::error_code why, uint64_t lost) noexcept;

  const descriptor wake_; ///< Becomes readable when `file_` changes.
  std::atomic<bool> is_open_ = false;
  std::atomic<bool> cannot_follow_ = false; ///< Whether this was logged.
  std::atomic<uint64_t> lost_ = 0;
  /// While the file cannot be written: the records lost. For the thread.
  std::optional<uint64_t> outage_;
  std::mutex mutex_; ///< Guards all of the following.
  std::condition_variable work_;
  std::condition_variable progress_;
  std::string name_;
  file_ptr file_;
  std::deque<access_record> queue_;
  size_t bytes_ = 0;    ///< Of the records in the queue.
  uint64_t pushed_ = 0; ///< Records ever queued.
  uint64_t done_ = 0;   ///< Records written or lost after they were queued.
  bool is_running_ = false;
};

} // namespace troupe::net
