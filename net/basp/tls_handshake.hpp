#pragma once

#include "net/basp/tls_session.hpp"
#include "net/runtime/socket.hpp"

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace troupe::net {

/// Performs the TLS handshake of a socket before CAF gets it, so that failures
/// have a time limit and a reason. Runs on the thread of the socket's
/// io_context and keeps itself alive until it is done.
class tls_handshake : public std::enable_shared_from_this<tls_handshake> {
public:
  using side = tls_session::side;

  /// Receives the session, or the reason why there is none.
  using receiver
    = std::function<void(descriptor, tls_session_ptr, const std::string& why)>;

  tls_handshake(asio::io_context& io, descriptor socket, receiver then);

  /// Starts the handshake. Calls `then` once within 3 s, possibly before
  /// returning.
  /// @pre `context` is not null.
  void start(ssl_context context, side which);

  void give_up(const std::string& why);

private:
  using watched_descriptor = asio::posix::basic_stream_descriptor<io_executor>;

  void step();
  void finish(const std::string& why);

  descriptor socket_;
  watched_descriptor watch_; ///< Watches `socket_`.
  io_timer deadline_;
  receiver then_; ///< Empty when done.
  tls_session_ptr session_;
};

} // namespace troupe::net
