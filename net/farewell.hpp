#pragma once

#include "net/socket.hpp"
#include "net/worker.hpp"

#include <memory>
#include <string>

namespace troupe::net {

/// Ends a connection so that the peer gets to read what was sent to it: closing
/// with bytes unread would send RST, which may overtake the answer. Takes two
/// seconds at most. Lives on its worker's thread, for as long as that takes.
class farewell final : public ticking,
                       public std::enable_shared_from_this<farewell> {
public:
  /// @param socket non-blocking.
  farewell(tcp_socket socket, worker& home);

  /// Sends `last_words` and closes.
  void start(std::string last_words = {});

  void on_tick(time_point now) override;

private:
  void on_written(error_code ec);
  void drain();

  tcp_socket socket_;
  worker& home_;
  time_point deadline_;
  std::string last_words_;
};

} // namespace troupe::net
