#pragma once

#include "net/runtime/socket.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace troupe::net {

/// Accepts connections by plain system calls, since Asio would register each
/// socket. Pauses after a failure, since nothing else helps if the process runs
/// out of file descriptors. Runs on the thread of the io_context.
class connection_intake {
public:
  struct connection {
    descriptor socket; ///< Non-blocking.
    tcp::endpoint peer;
  };

  /// @param category for log lines, as in log_fields.
  /// @param whom     what is accepted, for log lines.
  connection_intake(asio::io_context& io, std::string category,
                    std::string whom)
    : category_{std::move(category)},
      whom_{std::move(whom)},
      pause_{io} {
  }

  /// Returns the number of connections that wait to be accepted from
  /// `listening`.
  static size_t waiting(int listening) noexcept;

  /// Accepts the next connection of the non-blocking socket `listening`.
  /// @param ec  receives the error if there is no result; `would_block` if no
  ///            connection is waiting.
  std::optional<connection> accept(int listening, error_code& ec);

  /// Logs `why` unless the previous attempt failed as well, and calls `then`
  /// after 100 ms.
  void pause(error_code why, std::function<void()> then);

  /// Ends a pause without calling `then`.
  void cancel() {
    pause_.cancel();
  }

private:
  std::string category_;
  std::string whom_;
  io_timer pause_;
  bool is_failing_ = false; ///< Whether the current failure was logged.
};

} // namespace troupe::net
