#include "net/runtime/access_log.hpp"

#include "base/signals_blocked.hpp"
#include "troupe/log.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace troupe::net {

using namespace std::chrono_literals;

namespace {

constexpr size_t max_records = 8192;
constexpr size_t max_bytes = size_t{4} << 20;

/// Time limit for writing queued records when the process ends.
constexpr auto write_timeout = 1s;

constexpr std::string_view standard_output = "-";

/// The owner and the group may read the file, since it has addresses.
constexpr mode_t permissions = 0640;

std::string last_error() {
  return std::generic_category().message(errno);
}

/// @returns an invalid descriptor if that fails; errno tells why.
descriptor open_file(const std::string& name) {
  if (name == standard_output)
    return descriptor{::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)};
  return descriptor{::open(name.c_str(),
                           O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC
                             | O_NONBLOCK, // for pipes without a reader
                           permissions)};
}

/// Returns whether `name` stands for another file than `open`, or for none.
bool has_moved(const std::string& name, const descriptor& open) {
  struct stat named {};
  struct stat opened {};
  return ::stat(name.c_str(), &named) != 0 || ::fstat(open.get(), &opened) != 0
         || named.st_ino != opened.st_ino || named.st_dev != opened.st_dev;
}

} // namespace

access_log& access_log::of_process() {
  static auto* result = new access_log;
  return *result;
}

access_log::access_log() : wake_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
}

caf::error access_log::open(const std::string& file) {
  auto opened = open_file(file);
  if (opened.get() < 0)
    return make_error(errc::invalid_config,
                      "log.access: " + file + ": " + last_error());
  lock guard{mutex_};
  name_ = file;
  use(std::move(opened));
  if (!is_running_)
    start();
  is_open_ = true;
  return caf::none;
}

void access_log::follow() {
  std::string name;
  file_ptr old;
  {
    lock guard{mutex_};
    name = name_;
    old = file_;
  }
  if (!old || name == standard_output || !has_moved(name, old->file())) {
    cannot_follow_ = false;
    return;
  }
  auto opened = open_file(name);
  if (opened.get() < 0) {
    if (auto why = last_error(); !cannot_follow_.exchange(true))
      log_limited(log_level::error, {.category = "runtime"},
                  "the access log " + name + ": " + why);
    return;
  }
  lock guard{mutex_};
  use(std::move(opened));
}

void access_log::push(access_record x) noexcept try {
  x.time = std::chrono::system_clock::now();
  x.duration = std::chrono::steady_clock::now() - x.began;
  lock guard{mutex_};
  if (queue_.size() >= max_records || bytes_ + x.size() > max_bytes) {
    ++lost_;
    return;
  }
  bytes_ += x.size();
  queue_.push_back(std::move(x));
  ++pushed_;
  if (queue_.size() == 1)
    work_.notify_one();
} catch (...) { // Out of memory.
  ++lost_;
}

void access_log::tell(const request& req, access_record::time_point since,
                      unsigned status, size_t size) noexcept try {
  if (!is_open())
    return;
  access_record x{req, since};
  x.status = status;
  x.amount.bytes_out = size;
  push(std::move(x));
} catch (...) { // Out of memory.
  ++lost_;
}

bool access_log::flush(std::chrono::milliseconds timeout) {
  lock guard{mutex_};
  return progress_.wait_for(guard, timeout,
                            [this, last = pushed_] { return done_ >= last; });
}

/// Call with the mutex held.
void access_log::use(descriptor x) {
  file_ = std::make_shared<line_file>(std::move(x));
  cannot_follow_ = false;
  ::eventfd_write(wake_.get(), 1);
}

auto access_log::current() -> file_ptr {
  lock guard{mutex_};
  return file_;
}

// -- the thread ---------------------------------------------------------------

/// Call with the mutex held.
void access_log::start() {
  base::signals_blocked guard;
  std::thread{[this] { run(); }}.detach();
  is_running_ = true;
  std::atexit([] { of_process().flush(write_timeout); });
}

void access_log::run() {
  pthread_setname_np(pthread_self(), "troupe.access");
  for (;;) {
    std::deque<access_record> records;
    {
      lock guard{mutex_};
      work_.wait(guard, [this] { return !queue_.empty(); });
      records.swap(queue_);
      bytes_ = 0;
    }
    write(records);
    lock guard{mutex_};
    done_ += records.size();
    progress_.notify_all();
  }
}

/// Writes a batch at once. Lines that are not written completely are lost.
void access_log::write(const std::deque<access_record>& records) {
  std::error_code why;
  uint64_t lost = 0;
  try {
    std::string text;
    for (const auto& x : records)
      text += to_json(x) + '\n';
    std::string_view rest = text;
    why = append(rest);
    lost = static_cast<uint64_t>(std::ranges::count(rest, '\n'));
  } catch (const std::exception&) {
    why = std::make_error_code(std::errc::not_enough_memory);
    lost = records.size();
  }
  lost_ += lost;
  report(why, lost);
}

/// Appends lines to the current file, which may change meanwhile.
std::error_code access_log::append(std::string_view& lines) {
  for (;;) {
    // Forgets changes that `current` returns, since a wait that ends without
    // need tears a line.
    eventfd_t ignored = 0;
    ::eventfd_read(wake_.get(), &ignored);
    auto why = current()->append(lines, wake_.get());
    if (why != std::errc::operation_canceled)
      return why;
  }
}

/// Logs the beginning and the end of an outage.
void access_log::report(std::error_code why, uint64_t lost) noexcept try {
  if (why && !outage_)
    log_limited(log_level::error, {.category = "runtime"},
                "the access log: " + why.message()
                  + "; lines are lost until it can be written again");
  else if (!why && outage_)
    log_limited(log_level::info, {.category = "runtime"},
                "the access log is written again; " + std::to_string(*outage_)
                  + " lines were lost");
  if (why)
    outage_ = outage_.value_or(0) + lost;
  else
    outage_.reset();
} catch (...) { // Out of memory.
}

} // namespace troupe::net
