#pragma once

#include <cstdint>
#include <span>
#include <sys/epoll.h>
#include <utility>
#include <vector>

namespace troupe::bench {

/// Throws `std::system_error` with `errno`.
[[noreturn]] void throw_errno(const char* what);

/// Returns whether `errno` means that a socket has nothing to read or no room
/// to write.
[[nodiscard]] bool would_block();

/// Owns a file descriptor.
class unique_fd {
public:
  explicit unique_fd(int fd = -1) : fd_{fd} {
  }
  unique_fd(unique_fd&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {
  }
  unique_fd& operator=(unique_fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~unique_fd();

  [[nodiscard]] int get() const {
    return fd_;
  }

private:
  int fd_;
};

/// Level-triggered epoll. With large reads, it needs one system call per event;
/// edge triggering needs a second one that returns nothing.
class poller {
public:
  poller();

  /// Watches `fd` for reading; its events contain `key`.
  void add(int fd, std::uint32_t key);

  void remove(int fd);

  /// Starts or stops watching `fd` for writing as well.
  void watch_writes(int fd, std::uint32_t key, bool on);

  /// Waits for at most `timeout` seconds, with microsecond precision. The
  /// result is valid until the next call.
  [[nodiscard]] std::span<const epoll_event> wait(double timeout);

private:
  void control(int operation, int fd, std::uint32_t events, std::uint32_t key);

  unique_fd fd_;
  std::vector<epoll_event> events_;
};

} // namespace troupe::bench
