#pragma once

#include <cstdint>
#include <span>
#include <sys/epoll.h>
#include <utility>
#include <vector>

namespace troupe::bench {

/// Throws `std::system_error` with what errno says.
[[noreturn]] void throw_errno(const char* what);

/// Whether errno says that a socket has nothing to read or no room to write.
[[nodiscard]] bool would_block();

/// Owns one file descriptor.
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

/// Level-triggered epoll: with large reads it needs one system call per turn
/// of a connection, where edge triggering needs a second that finds nothing.
class poller {
public:
  poller();

  /// Watches `fd` for reading; its events carry `key`.
  void add(int fd, std::uint32_t key);

  void remove(int fd);

  /// Begins or ends watching `fd` for writing too.
  void watch_writes(int fd, std::uint32_t key, bool on);

  /// Waits at most `timeout` seconds, to the microsecond; the result lives
  /// until the next call.
  [[nodiscard]] std::span<const epoll_event> wait(double timeout);

private:
  void control(int operation, int fd, std::uint32_t events, std::uint32_t key);

  unique_fd fd_;
  std::vector<epoll_event> events_;
};

} // namespace troupe::bench
