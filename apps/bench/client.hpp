#pragma once

#include "message.hpp"
#include "poller.hpp"
#include "stream.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::bench {

/// Size of the read buffer. One buffer serves all clients, so that it stays in
/// the cache.
constexpr std::size_t read_size = 1024 * 1024;

/// An upgraded connection, non-blocking and without Nagle's algorithm.
class client {
public:
  client(stream socket, std::uint32_t key, std::string unread)
    : socket_{std::move(socket)},
      key_{key},
      unread_{std::move(unread)} {
  }

  [[nodiscard]] int fd() const {
    return socket_.fd();
  }

  [[nodiscard]] std::uint32_t key() const {
    return key_;
  }

  /// Reads once into `buffer`, after the bytes that `keep` has stored. Throws
  /// `ended` if the server has closed the connection.
  [[nodiscard]] std::string_view read(std::span<char> buffer);

  /// Makes the socket readable only when this many bytes have arrived, or at
  /// the end.
  void read_at(int bytes);

  /// Stores an incomplete frame at the end of the last read.
  void keep(std::string_view tail) {
    unread_ = tail;
  }

  /// Sends at once. Bytes that the socket does not accept wait for `flush`.
  void send(std::string_view bytes, poller& io);

  /// Must be called when the socket is writable.
  void flush(poller& io);

  /// Removes a control frame from the front of `bytes` and responds to a ping.
  /// @returns whether the frame was complete.
  [[nodiscard]] bool take_control(std::string_view& bytes, poller& io);

  /// Sends a close frame for a regular end of the connection.
  void say_goodbye(poller& io);

private:
  stream socket_;
  std::uint32_t key_;
  std::string unread_;
  std::string unsent_;
  frame_writer writer_;
};

} // namespace troupe::bench
