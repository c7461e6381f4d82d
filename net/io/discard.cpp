#include "net/io/discard.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace troupe::net {

namespace {

/// Maximum number of reads per call.
constexpr int max_discards = 16;

} // namespace

leftover discard_input(int socket) {
  for (auto i = 0; i < max_discards; ++i) {
    std::array<char, 4096> ignored;
    auto size = ::recv(socket, ignored.data(), ignored.size(), MSG_DONTWAIT);
    if (size <= 0)
      return size < 0 && errno == EAGAIN ? leftover::none : leftover::end;
  }
  return leftover::some;
}

} // namespace troupe::net
