#pragma once

#include "message.hpp"
#include "poller.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::bench {

/// Room for all that one read may find; one buffer serves all clients, so that
/// it stays in the cache.
constexpr std::size_t read_size = 1024 * 1024;

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

  /// Reads once into `buffer`, behind what `keep` kept; throws `ended` if the
  /// server has closed the connection.
  [[nodiscard]] std::string_view read(std::span<char> buffer);

  /// From now on this many bytes, or the end, make the socket ready.
  void read_at(int bytes);

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

} // namespace troupe::bench
