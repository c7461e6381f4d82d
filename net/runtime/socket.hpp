#pragma once

#include "net/runtime/io_timer.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

namespace troupe::net {

namespace asio = boost::asio;

using asio::ip::tcp;
using boost::system::error_code;

using tcp_acceptor = asio::basic_socket_acceptor<tcp, io_executor>;
using tcp_socket = asio::basic_stream_socket<tcp, io_executor>;

/// Owns a file descriptor.
class descriptor {
public:
  descriptor() noexcept = default;

  explicit descriptor(int x) noexcept : number_{x} {
  }

  descriptor(descriptor&& x) noexcept : number_{std::exchange(x.number_, -1)} {
  }

  descriptor& operator=(descriptor&& x) noexcept {
    std::swap(number_, x.number_);
    return *this;
  }

  ~descriptor() {
    close();
  }

  int get() const noexcept {
    return number_;
  }

  /// Releases ownership.
  int release() noexcept {
    return std::exchange(number_, -1);
  }

  void close() noexcept {
    if (number_ >= 0)
      ::close(std::exchange(number_, -1));
  }

private:
  int number_ = -1;
};

/// Breaks the connection when sent data stays unacknowledged for `time`
/// (TCP_USER_TIMEOUT). The kernel's default is about a quarter of an hour.
void set_patience(const descriptor& socket, std::chrono::milliseconds time);

/// Limits the bytes that the kernel accepts although it cannot send them yet
/// (TCP_NOTSENT_LOWAT). Bytes in transit do not count, so the limit does not
/// reduce the throughput, unlike SO_SNDBUF.
void limit_unsent(int socket, size_t bytes);

/// Returns the remote endpoint of a connected TCP socket.
/// @param ec receives the error if the socket is not connected any more.
tcp::endpoint remote_end(const descriptor& socket, error_code& ec);

/// Opens `acceptor` at `where`. Accepted sockets inherit TCP_NODELAY.
error_code listen_at(tcp_acceptor& acceptor, const tcp::endpoint& where,
                     int backlog);

/// Closes a socket of Asio and ends Asio's watch of it. Asio's own `close`
/// leaves that to the kernel, which continues to watch while another process,
/// such as a child, has a copy of the descriptor.
template <class Socket>
void close_and_forget(Socket& x) {
  error_code ignored;
  if (x.is_open())
    descriptor{x.release(ignored)};
}

/// Returns the address as text; an IPv4-mapped address in IPv4 form.
inline std::string plain_address(const tcp::endpoint& x) {
  auto address = x.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return address.to_string();
}

} // namespace troupe::net
