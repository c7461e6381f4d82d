#pragma once

#include "net/runtime/socket.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace troupe::net {

/// Accepts the connections of a socket that listens, by plain system calls, and
/// leaves it alone for a while after a failure: nothing else helps when the
/// process has no file descriptors left. For the thread of the io_context.
class connection_intake {
public:
  struct connection {
    descriptor socket; ///< Does not block.
    tcp::endpoint peer;
  };

  /// @param category of the lines in the log, as in log_fields.
  /// @param whom     what connects, for these lines.
  connection_intake(asio::io_context& io, std::string category,
                    std::string whom)
    : category_{std::move(category)},
      whom_{std::move(whom)},
      pause_{io} {
  }

  /// Accepts the next connection at `listening`, which does not block.
  /// @param ec if there is no connection: why, `would_block` if none waits.
  std::optional<connection> accept(int listening, error_code& ec);

  /// Logs why accepting failed, unless the last attempt failed as well, and
  /// calls `then` after 100 ms.
  void pause(error_code why, std::function<void()> then);

  /// Ends a pause without a call.
  void cancel() {
    pause_.cancel();
  }

private:
  using clock = std::chrono::steady_clock;
  using timer
    = asio::basic_waitable_timer<clock, asio::wait_traits<clock>, io_executor>;

  std::string category_;
  std::string whom_;
  timer pause_;
  bool is_failing_ = false; ///< So that one failure is logged once.
};

} // namespace troupe::net
