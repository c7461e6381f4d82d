#pragma once

#include "net/io/session.hpp"
#include "net/runtime/pending_table.hpp"

#include <boost/intrusive/list.hpp>

#include <functional>
#include <memory>

namespace troupe::net {

class http_port;

/// Lets a port list its sessions, which remove themselves when destroyed.
using proxy_session_hook = boost::intrusive::list_base_hook<
  boost::intrusive::tag<class proxy_session>,
  boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// A connection that begins with a header of the PROXY protocol: consumes
/// exactly this header and passes the socket on, so that anything may follow,
/// TLS included. Lives on its worker's thread.
class proxy_session final : public proxy_session_hook,
                            public session,
                            public std::enable_shared_from_this<proxy_session> {
public:
  /// Receives the socket and the client that the header names.
  using receiver = std::function<void(descriptor, connection_place,
                                      const tcp::endpoint& client)>;

  proxy_session(descriptor socket, tcp::endpoint peer, worker& event_loop,
                std::shared_ptr<const http_port> port, receiver then);
  ~proxy_session() override;

  void start();

  /// Closes the connection at once.
  void close();

  void on_ready(uint32_t events) override;
  void on_tick(time_point now) override;

private:
  void read();
  void refuse(const char* why);

  const tcp::endpoint peer_;
  const std::shared_ptr<const http_port> port_;
  receiver then_;
  pending_table::entry pending_;
  time_point deadline_;
};

} // namespace troupe::net
