#pragma once

#include "net/io/session.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace troupe::net {

/// Sends a final response to a refused client, ends the connection and discards
/// input until the client does the same or a time limit passes. Closing with
/// unread data would send RST, which may overtake the response.
class lingering_close final
  : public session,
    public std::enable_shared_from_this<lingering_close> {
public:
  lingering_close(transport connection, worker& event_loop);

  /// Sends `last_words` and ends the connection. Call on the worker's thread.
  void start(std::string last_words);

  void on_ready(uint32_t events) override;
  void on_tick(time_point now) override;

private:
  time_point deadline_;
};

} // namespace troupe::net
