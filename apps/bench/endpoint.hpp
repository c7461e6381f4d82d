#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::bench {

/// Encoding of a message as a WebSocket message.
enum class dialect {
  plain,         ///< Unchanged.
  socket_io,     ///< As event "m" of socket.io 4: 42["m","..."].
  socket_io_ack, ///< The same, which the server acknowledges: 431["..."].
  troupe_2,      ///< As request "m" of troupe.2 and its answer: a1;0;...
};

/// Returns whether each message of a client has an answer that names its id.
/// The id is always the same, since a client awaits the answer.
[[nodiscard]] constexpr bool has_answers(dialect x) {
  return x == dialect::socket_io_ack || x == dialect::troupe_2;
}

/// How a connection is protected.
enum class security {
  none,
  tls,
  resumed_tls, ///< With the last session, if there is one.
};

/// A parsed `ws://ADDRESS:PORT/PATH`, or `wss`, with a numeric IPv4 address.
struct endpoint {
  std::string address;
  std::uint16_t port = 0;
  std::string path;
  dialect speaks = dialect::plain;
  security protection = security::none;

  /// Throws `std::invalid_argument` if `url` has another form.
  [[nodiscard]] static endpoint parse(std::string_view url);
};

} // namespace troupe::bench
