#pragma once

#include "net/runtime/socket.hpp"

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::net {

/// Listening sockets that a service manager has opened for this process (socket
/// activation, sd_listen_fds(3)). They stay open while the process restarts, so
/// no connection is refused meanwhile. Thread-safe after construction.
class inherited_sockets {
public:
  /// Takes over the sockets that LISTEN_FDS and LISTEN_FDNAMES describe if
  /// LISTEN_PID is this process. Removes the variables from the environment and
  /// keeps the sockets from child processes.
  /// @param first the descriptor of the first socket.
  explicit inherited_sockets(int first = 3);

  /// Returns the sockets of this process. The first call reads the environment;
  /// make it before there are other threads, which may do that, too.
  static inherited_sockets& of_process();

  /// Removes and returns the sockets with the name `name`; if there are none,
  /// all sockets.
  std::vector<descriptor> take(std::string_view name);

private:
  struct named_socket {
    std::string name;
    descriptor socket;
  };

  std::mutex mutex_;
  std::vector<named_socket> sockets_; ///< Guarded by `mutex_`.
};

/// Makes a listening socket of another process ready to accept as `listen_at`
/// does.
/// @returns an error if it is not a listening TCP socket.
error_code prepare_to_accept(const descriptor& socket);

/// Returns the local endpoint of a TCP socket.
tcp::endpoint local_end(const descriptor& socket, error_code& ec);

} // namespace troupe::net
