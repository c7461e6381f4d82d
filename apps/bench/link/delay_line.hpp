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

/// A long path to a port of this machine, where the kernel has none to offer:
/// passes on what comes over a port of its own, both ways and in its own
/// thread, each byte after so long.
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
  /// What was read at once; nothing for the end.
  struct piece {
    clock::time_point due;
    std::string bytes;
  };

  struct direction {
    int from;
    int to;
    std::deque<piece> pieces;
    size_t written = 0; ///< Of the first piece.
    size_t size = 0;    ///< Of all pieces.
    bool has_ended = false;
    bool is_blocked = false; ///< `to` takes no more.
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
  std::thread thread_; ///< The last member: it uses the others.
};

} // namespace troupe::bench
