#pragma once

#include "client.hpp"
#include "endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace troupe::bench {

/// How much the kernels hold of what a client has not read yet.
enum class buffers {
  usual, ///< On loopback: megabytes.
  small, ///< Less than 100 KB, as over a real network.
};

/// One connection on its way from dialled to ready for messages.
class handshake {
public:
  /// Connects and sends the request for an upgrade.
  handshake(const endpoint& where, const std::string& path, std::uint32_t key,
            buffers held = buffers::usual);

  [[nodiscard]] int fd() const {
    return fd_.get();
  }

  /// To be called when the socket is ready for reading; throws `violation` if
  /// the server refuses.
  /// @returns whether the connection is ready.
  [[nodiscard]] bool advance();

  /// The connection, once it is ready; to be called once.
  [[nodiscard]] client take();

private:
  enum class stage { upgrading, greeting, joining, ready };

  void read();
  [[nodiscard]] bool take_upgrade();
  [[nodiscard]] bool take_packet(std::string_view kind);

  unique_fd fd_;
  std::uint32_t key_;
  dialect speaks_;
  stage stage_ = stage::upgrading;
  std::string unread_;
};

/// Sees to it that this process may have `count` sockets open, and that
/// `server`, if known, may have them, too. Throws `std::runtime_error` with
/// what to do about it.
void allow_sockets(std::size_t count, std::optional<pid_t> server);

/// Opens `count` connections, keyed 0 to count - 1, with at most `concurrency`
/// handshakes under way. Each `per_room` consecutive ones get the same path:
/// that of `nodes`, followed by the number of the room if there are several.
/// Of each room the first part is on the first of `nodes`, and so on.
[[nodiscard]] std::vector<client>
open_clients(const std::vector<endpoint>& nodes, std::size_t count,
             std::size_t per_room, std::size_t concurrency);

/// Opens one connection with small buffers to the path of `where`.
[[nodiscard]] client open_slow_client(const endpoint& where, std::uint32_t key);

/// The same as `open_clients` with one path for all.
[[nodiscard]] std::vector<client>
open_clients(const endpoint& where, std::size_t count, std::size_t concurrency);

} // namespace troupe::bench
