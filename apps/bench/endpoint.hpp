#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::bench {

/// How a message looks in its WebSocket message.
enum class dialect {
  plain,     ///< As it is.
  socket_io, ///< As event "m" of socket.io 4: 42["m","..."].
};

/// A parsed `ws://ADDRESS:PORT/PATH`; the address is a numeric IPv4 one.
struct endpoint {
  std::string address;
  std::uint16_t port = 0;
  std::string path;
  dialect speaks = dialect::plain;

  /// Throws `std::invalid_argument` if `url` has another form.
  [[nodiscard]] static endpoint parse(std::string_view url);
};

} // namespace troupe::bench
