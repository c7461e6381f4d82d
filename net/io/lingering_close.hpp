#pragma once

#include "net/io/session.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace troupe::net {

/// Sends last words to a client that was refused, ends the connection and reads
/// on until the client does, too, for a while: with bytes unread the kernel
/// would send RST, which may overtake the words.
class lingering_close final
  : public session,
    public std::enable_shared_from_this<lingering_close> {
public:
  lingering_close(descriptor socket, worker& event_loop);

  /// Call on the worker's thread.
  void start(std::string last_words);

  void on_ready(uint32_t events) override;
  void on_tick(time_point now) override;

private:
  time_point deadline_;
};

} // namespace troupe::net
