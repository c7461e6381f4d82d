#include "net/runtime/socket.hpp"

#include <boost/asio/ip/v6_only.hpp>

#include <netinet/tcp.h>
#include <sys/socket.h>

namespace troupe::net {

void set_patience(const descriptor& socket, std::chrono::milliseconds time) {
  auto value = static_cast<unsigned>(time.count());
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &value,
               sizeof(value));
}

void limit_unsent(int socket, size_t bytes) {
  auto value = static_cast<unsigned>(bytes);
  ::setsockopt(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &value, sizeof(value));
}

tcp::endpoint remote_end(const descriptor& socket, error_code& ec) {
  tcp::endpoint result;
  auto size = static_cast<socklen_t>(result.capacity());
  if (::getpeername(socket.get(), result.data(), &size) != 0)
    ec.assign(errno, boost::system::system_category());
  else
    result.resize(size);
  return result;
}

error_code listen_at(tcp_acceptor& acceptor, const tcp::endpoint& where,
                     int backlog) {
  error_code ec;
  acceptor.open(where.protocol(), ec);
  // Allows a restarted server to bind its port at once, but not two servers at
  // a time.
  if (!ec)
    acceptor.set_option(tcp_acceptor::reuse_address{true}, ec);
  if (!ec && where.address().is_v6()) // `::` accepts IPv4, too
    acceptor.set_option(asio::ip::v6_only{!where.address().is_unspecified()},
                        ec);
  if (!ec)
    acceptor.set_option(tcp::no_delay{true}, ec);
  if (!ec)
    acceptor.bind(where, ec);
  if (!ec)
    acceptor.listen(backlog, ec);
  if (!ec)
    acceptor.native_non_blocking(true, ec);
  return ec;
}

} // namespace troupe::net
