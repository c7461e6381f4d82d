#include "net/discard.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include <array>

namespace troupe::net {

namespace {

/// How often to read and forget before others get their turn.
constexpr int max_discards = 16;

} // namespace

bool discard_input(tcp_socket& socket) {
  error_code ec;
  for (auto i = 0; !ec && i < max_discards; ++i) {
    std::array<char, 4096> ignored;
    socket.read_some(asio::buffer(ignored), ec);
  }
  return !ec || ec == asio::error::would_block;
}

} // namespace troupe::net
