#pragma once

#include "message.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <utility>
#include <vector>

namespace troupe::bench {

/// The server did what it must not do; ends the run with exit code 1.
struct violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

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

  /// Waits at most `timeout` seconds; the result lives until the next call.
  [[nodiscard]] std::span<const epoll_event> wait(double timeout);

private:
  void control(int operation, int fd, std::uint32_t events, std::uint32_t key);

  unique_fd fd_;
  std::vector<epoll_event> events_;
};

/// Room for all that one read may find; one buffer serves all clients, so that
/// it stays in the cache.
constexpr std::size_t read_size = 1024 * 1024;

/// A parsed `ws://ADDRESS:PORT/PATH`; the address is a numeric IPv4 one.
struct endpoint {
  std::string address;
  std::uint16_t port = 0;
  std::string path;

  /// Throws `std::invalid_argument` if `url` has another form.
  [[nodiscard]] static endpoint parse(std::string_view url);
};

/// One upgraded connection, non-blocking and without Nagle's algorithm.
class client {
public:
  client(unique_fd fd, std::uint32_t key, std::string unread)
    : fd_{std::move(fd)},
      key_{key},
      unread_{std::move(unread)} {
  }

  [[nodiscard]] int fd() const {
    return fd_.get();
  }

  [[nodiscard]] std::uint32_t key() const {
    return key_;
  }

  /// Reads once into `buffer`, behind what `keep` kept.
  [[nodiscard]] std::string_view read(std::span<char> buffer);

  /// Keeps the tail of the last read, a frame still incomplete.
  void keep(std::string_view tail) {
    unread_ = tail;
  }

  /// Sends at once; what the socket does not take waits until `flush`.
  void send(std::string_view bytes, poller& io);

  /// To be called when the socket is ready for writing.
  void flush(poller& io);

  /// Takes one control frame off the front of `bytes` and answers a ping.
  /// @returns whether the frame was complete.
  [[nodiscard]] bool take_control(std::string_view& bytes, poller& io);

  /// Sends a close frame so that the server sees an orderly end.
  void say_goodbye(poller& io);

private:
  unique_fd fd_;
  std::uint32_t key_;
  std::string unread_;
  std::string unsent_;
  frame_writer writer_;
};

/// Opens `count` connections, keyed 0 to count - 1, with at most `concurrency`
/// handshakes under way. Raises the limit of open files if need be.
[[nodiscard]] std::vector<client>
open_clients(const endpoint& where, std::size_t count, std::size_t concurrency);

} // namespace troupe::bench
