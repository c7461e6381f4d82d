#pragma once

#include "poller.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <string>
#include <thread>
#include <vector>

#include <poll.h>

namespace troupe::bench {

/// Simulates a network path with a long delay to a port of this machine,
/// without support by the kernel. Forwards connections to its own port in a
/// separate thread, and delays each byte in both directions.
class delay_line {
public:
  using clock = std::chrono::steady_clock;

  /// Throws `std::system_error`.
  delay_line(uint16_t to, clock::duration delay);

  ~delay_line();

  delay_line(const delay_line&) = delete;
  delay_line& operator=(const delay_line&) = delete;

  uint16_t port() const {
    return port_;
  }

private:
  /// The result of one read; empty at the end of the stream.
  struct piece {
    clock::time_point due;
    std::string bytes;
  };

  struct direction {
    int from;
    int to;
    std::deque<piece> pieces;
    size_t written = 0; ///< Bytes of the first piece.
    size_t size = 0;    ///< Bytes of all pieces.
    bool has_ended = false;
    bool is_blocked = false; ///< `to` is not writable.
  };

  struct connection {
    unique_fd here;
    unique_fd there;
    direction out;
    direction back;
  };

  void run();
  std::vector<pollfd> wanted() const;
  clock::duration patience() const;
  void serve(direction& x, bool is_readable, bool is_writable);
  void accept();
  void read(direction& x);
  void write(direction& x);

  clock::duration delay_;
  uint16_t to_;
  uint16_t port_ = 0;
  unique_fd listener_;
  unique_fd stop_reader_;
  unique_fd stop_writer_;
  std::list<connection> connections_;
  std::thread thread_; ///< The last member, since the thread uses the others.
};

} // namespace troupe::bench
