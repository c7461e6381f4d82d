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

/// How much unread data the kernels buffer for a client.
enum class buffers {
  usual, ///< Megabytes, on loopback.
  small, ///< Less than 100 KB, as over a real network.
};

/// Connects a non-blocking socket without Nagle's algorithm.
[[nodiscard]] unique_fd dial(const endpoint& where,
                             buffers held = buffers::usual);

/// A connection from connecting until it is ready for messages.
class handshake {
public:
  /// Connects and sends the upgrade request, with TLS after its handshake.
  handshake(const endpoint& where, const std::string& path, std::uint32_t key,
            buffers held = buffers::usual);

  [[nodiscard]] int fd() const {
    return socket_.fd();
  }

  /// Must be called when the socket is readable. Throws `violation` if the
  /// server refuses.
  /// @returns whether the connection is ready.
  [[nodiscard]] bool advance();

  /// Returns the connection. Must be called once, when it is ready.
  [[nodiscard]] client take();

private:
  enum class stage { securing, upgrading, greeting, joining, ready };

  void secure();
  void read();
  void send_whole(std::string_view bytes);
  void send_message(std::string_view payload);
  [[nodiscard]] bool take_upgrade();
  [[nodiscard]] stage begin_dialect();
  [[nodiscard]] bool take_packet(std::string_view kind);

  stream socket_;
  std::string request_;
  std::uint32_t key_;
  dialect speaks_;
  stage stage_ = stage::securing;
  std::string unread_;
};

/// Raises the limit of open files of this process to `count` sockets, and
/// checks that of `server`, if known. Throws `std::runtime_error` with
/// instructions if a limit is too low.
void allow_sockets(std::size_t count, std::optional<pid_t> server);

/// Opens `count` connections with the keys 0 to count - 1 and at most
/// `concurrency` concurrent handshakes. Each `per_room` consecutive ones get
/// the same path: that of `nodes`, followed by the number of the room if there
/// are several. The connections of each room are divided evenly and in order
/// among `nodes`.
[[nodiscard]] std::vector<client>
open_clients(const std::vector<endpoint>& nodes, std::size_t count,
             std::size_t per_room, std::size_t concurrency);

/// Opens one connection with small buffers to the path of `where`.
[[nodiscard]] client open_slow_client(const endpoint& where, std::uint32_t key);

/// Same as above, with one node and one path for all.
[[nodiscard]] std::vector<client>
open_clients(const endpoint& where, std::size_t count, std::size_t concurrency);

} // namespace troupe::bench
