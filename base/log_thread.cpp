#include "base/log_thread.hpp"

#include "base/guarded.hpp"
#include "base/signals_blocked.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <thread>
#include <utility>

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

namespace troupe::base {

using namespace std::chrono_literals;

namespace {

/// Both limits are far above a burst of regular lines.
constexpr size_t max_lines = 8192;
constexpr size_t max_bytes = size_t{1} << 20;

/// This many kinds of lines have their own quota; any others share the last
/// one.
constexpr size_t max_limited = 64;

/// Time limit for writing queued lines at process exit and before the sink is
/// replaced.
constexpr auto write_timeout = 1s;

thread_local bool is_log_thread = false;

std::atomic<log_thread*> current{nullptr};

/// Writes to standard error without stdio, whose lock would block other
/// threads.
/// @returns what could not be written.
std::string_view write_all(std::string_view text) {
  while (!text.empty()) {
    auto n = ::write(STDERR_FILENO, text.data(), text.size());
    if (n >= 0) {
      text.remove_prefix(static_cast<size_t>(n));
    } else if (errno == EAGAIN) {
      pollfd writable{STDERR_FILENO, POLLOUT, 0};
      ::poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return text; // Standard error is closed, broken or a full disk.
    }
  }
  return {};
}

/// Writes a line with its end. One that was cut, as by a full disk, is not
/// joined with the next one.
void write_to_standard_error(std::string_view line) {
  thread_local auto is_torn = false;
  if (is_torn && !write_all("\n").empty())
    return;
  auto rest = write_all(line);
  is_torn = !rest.empty() && rest.size() < line.size();
}

} // namespace

// -- singleton ----------------------------------------------------------------

log_thread& log_thread::instance() {
  static const bool is_made = [] {
    current = new log_thread{{}, nullptr};
    pthread_atfork([] { current.load()->mutex_.lock(); },
                   [] { current.load()->mutex_.unlock(); }, begin_anew);
    std::atexit([] { current.load()->close(); });
    return true;
  }();
  static_cast<void>(is_made);
  return *current.load(std::memory_order_acquire);
}

log_thread::log_thread(const log_config& cfg, sink_ptr to)
  : config_{cfg},
    sink_{std::move(to)} {
}

void log_thread::begin_anew() {
  is_log_thread = false; // A sink may call `fork`.
  auto* former = current.load();
  current = new log_thread{former->config_, former->sink_};
  former->mutex_.unlock();
}

void log_thread::close() {
  {
    lock guard{mutex_};
    report_left_out(clock::time_point::max());
    is_closed_ = true;
  }
  flush(write_timeout);
  lock guard{mutex_};
  is_over_ = true;
}

// -- for all threads ----------------------------------------------------------

void log_thread::push(log_level level, const log_fields& about,
                      std::string_view text) {
  log_line line{level, about, text};
  lock guard{mutex_};
  enqueue(std::move(line));
}

void log_thread::push_limited(log_level level, const log_fields& about,
                              std::string_view text) {
  {
    lock guard{mutex_};
    auto& quota = quota_for(level, about.category);
    auto was_due = quota.due();
    if (!quota.try_take(clock::now(), config_.quota)) {
      if (quota.due() != was_due)
        work_.notify_one(); // The thread waits until the report is due.
      return;
    }
  }
  push(level, about, text);
}

void log_thread::set(const log_config& cfg) {
  lock guard{mutex_};
  config_ = cfg;
}

log_config log_thread::config() {
  lock guard{mutex_};
  return config_;
}

void log_thread::set(sink f) {
  flush(write_timeout);
  auto next = f ? std::make_shared<const sink>(std::move(f)) : nullptr;
  // The old sink is destroyed after the mutex is released.
  lock guard{mutex_};
  progress_.wait(guard, [this] { return !is_in_sink_ || is_log_thread; });
  sink_.swap(next);
  has_thrown_ = false;
}

bool log_thread::flush(std::chrono::milliseconds timeout) {
  if (is_log_thread)
    return false;
  lock guard{mutex_};
  return progress_.wait_for(guard, timeout,
                            [this, last = pushed_] { return done_ >= last; });
}

// -- the queue ----------------------------------------------------------------

void log_thread::enqueue(log_line&& x) {
  if (is_closed_)
    return;
  auto is_full = queue_.size() >= max_lines || bytes_ + x.size() > max_bytes;
  if (is_full || (!is_running_ && !start())) {
    ++lost_;
    return;
  }
  bytes_ += x.size();
  queue_.push_back(std::move(x));
  ++pushed_;
  if (queue_.size() == 1)
    work_.notify_one();
}

log_quota& log_thread::quota_for(log_level level, std::string_view category) {
  auto i = std::ranges::find_if(limited_, [&](const limited& x) {
    return x.level == level && x.category == category;
  });
  if (i != limited_.end())
    return i->quota;
  if (limited_.size() < max_limited)
    limited_.push_back({std::string{category}, level, {}});
  return limited_.back().quota;
}

log_thread::clock::time_point log_thread::next_report() const {
  auto result = clock::time_point::max();
  for (const auto& x : limited_)
    result = std::min(result, x.quota.due());
  return result;
}

void log_thread::report_left_out(clock::time_point now) {
  for (auto& x : limited_)
    if (x.quota.due() <= now)
      if (auto n = x.quota.take_left_out(); n > 0)
        enqueue({x.level,
                 {x.category, {}, {}},
                 std::to_string(n) + " more lines of this kind left out: "
                   + (x.category.empty() ? "others" : x.category)});
}

bool log_thread::start() {
  try {
    signals_blocked guard;
    std::thread{[this] { run(); }}.detach();
    is_running_ = true;
  } catch (const std::exception&) {
    // The thread could not be created; the next line tries again.
  }
  return is_running_;
}

void log_thread::await_work(lock& guard) {
  while (queue_.empty() && lost_ == 0) {
    auto due = next_report();
    if (due == clock::time_point::max())
      work_.wait(guard);
    else if (work_.wait_until(guard, due) == std::cv_status::timeout)
      report_left_out(due);
  }
}

// -- the thread ---------------------------------------------------------------

void log_thread::run() {
  is_log_thread = true;
  pthread_setname_np(pthread_self(), "troupe.log");
  for (;;) {
    std::deque<log_line> lines;
    uint64_t lost = 0;
    {
      lock guard{mutex_};
      await_work(guard);
      report_left_out(clock::now());
      lines.swap(queue_);
      bytes_ = 0;
      lost = std::exchange(lost_, 0);
    }
    try {
      write(lines, lost);
    } catch (const std::exception&) {
      // Out of memory: the remaining lines of this batch are lost.
    }
    lock guard{mutex_};
    is_in_sink_ = false;
    done_ += lines.size();
    progress_.notify_all();
  }
}

void log_thread::write(const std::deque<log_line>& lines, uint64_t lost) {
  for (const auto& x : lines)
    write(x);
  if (lost > 0)
    write({log_level::warning,
           {},
           std::to_string(lost)
             + " lines of the log lost: nobody took them in time"});
}

void log_thread::write(const log_line& x) {
  sink_ptr to;
  log_format format;
  {
    lock guard{mutex_};
    if (is_over_)
      return;
    to = sink_;
    format = config_.format;
    is_in_sink_ = to != nullptr;
  }
  if (to == nullptr)
    return write_to_standard_error(to_output(x, format));
  give(*to, x, format);
  to = nullptr; // Releases the sink before `set`, which waits for it, returns.
  lock guard{mutex_};
  is_in_sink_ = false;
  progress_.notify_all();
}

void log_thread::give(const sink& to, const log_line& x, log_format format) {
  std::string why;
  try {
    return to(x.level, to_string(x, format));
  } catch (...) {
    why = exception_text();
  }
  {
    lock guard{mutex_};
    if (std::exchange(has_thrown_, true))
      return;
  }
  write_to_standard_error(to_output(
    {log_level::error, {}, "the sink of the log threw: " + why}, format));
}

} // namespace troupe::base
