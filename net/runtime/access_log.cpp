#include "net/runtime/access_log.hpp"

#include "base/signals_blocked.hpp"
#include "troupe/log.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

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

/// @returns whether all of `text` was written.
bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    auto n = ::write(file, text.data(), text.size());
    if (n >= 0) {
      text.remove_prefix(static_cast<size_t>(n));
    } else if (errno == EAGAIN) {
      pollfd writable{file, POLLOUT, 0};
      ::poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

} // namespace

access_log& access_log::of_process() {
  static auto* result = new access_log;
  return *result;
}

caf::error access_log::open(const std::string& file) {
  auto opened = open_file(file);
  if (opened.get() < 0)
    return make_error(errc::invalid_config,
                      "log.access: " + file + ": " + last_error());
  lock guard{mutex_};
  name_ = file;
  file_ = std::make_shared<const descriptor>(std::move(opened));
  if (!is_running_)
    start();
  is_open_ = true;
  return caf::none;
}

void access_log::follow() {
  std::string name;
  file_ptr current;
  {
    lock guard{mutex_};
    name = name_;
    current = file_;
  }
  if (!current || name == standard_output || !has_moved(name, *current))
    return;
  auto opened = open_file(name);
  if (opened.get() < 0)
    return log_limited(log_level::error, {.category = "runtime"},
                       "the access log " + name + ": " + last_error());
  lock guard{mutex_};
  file_ = std::make_shared<const descriptor>(std::move(opened));
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
    file_ptr to;
    {
      lock guard{mutex_};
      work_.wait(guard, [this] { return !queue_.empty(); });
      records.swap(queue_);
      bytes_ = 0;
      to = file_;
    }
    write(records, *to);
    lock guard{mutex_};
    done_ += records.size();
    progress_.notify_all();
  }
}

/// Writes a batch at once; if that fails, all of it counts as lost.
void access_log::write(const std::deque<access_record>& records,
                       const descriptor& to) {
  try {
    std::string text;
    for (const auto& x : records)
      text += to_json(x) + '\n';
    if (write_all(to.get(), text))
      return;
    log_limited(log_level::error, {.category = "runtime"},
                "the access log: " + last_error());
  } catch (const std::exception&) {
    // Out of memory.
  }
  lost_ += records.size();
}

} // namespace troupe::net
