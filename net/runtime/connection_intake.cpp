#include "net/runtime/connection_intake.hpp"

#include "troupe/log.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

namespace troupe::net {

namespace {

constexpr std::chrono::milliseconds pause_time{100};

} // namespace

size_t connection_intake::waiting(int listening) noexcept {
  tcp_info info{};
  socklen_t size = sizeof(info);
  if (::getsockopt(listening, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
    return 0;
  return info.tcpi_unacked; // The length of the queue of a listening socket.
}

std::optional<connection_intake::connection>
connection_intake::accept(int listening, error_code& ec) {
  for (;;) {
    connection result;
    auto size = static_cast<socklen_t>(result.peer.capacity());
    result.socket = descriptor{::accept4(listening, result.peer.data(), &size,
                                         SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (result.socket.get() >= 0) {
      result.peer.resize(size);
      is_failing_ = false;
      return result;
    }
    if (errno == ECONNABORTED)
      continue; // aborted by the peer
    ec.assign(errno, boost::system::system_category());
    return std::nullopt;
  }
}

void connection_intake::pause(error_code why, std::function<void()> then) {
  if (!std::exchange(is_failing_, true))
    log_limited(log_level::warning, {.category = category_},
                "cannot accept " + whom_ + ": " + why.message());
  pause_.expires_after(pause_time);
  pause_.async_wait([then = std::move(then)](error_code ec) {
    if (!ec)
      then();
  });
}

} // namespace troupe::net
