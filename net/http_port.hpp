#pragma once

#include "net/http_session.hpp"
#include "net/routes.hpp"
#include "net/socket.hpp"
#include "net/worker.hpp"
#include "troupe/config.hpp"

#include <boost/intrusive/list.hpp>
#include <caf/error.hpp>
#include <caf/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string_view>
#include <vector>

namespace troupe::net {

/// An open HTTP port: accepts on worker 0 and spreads the sockets over all
/// workers. The part of `listener` that its sessions share.
class http_port final : public std::enable_shared_from_this<http_port> {
public:
  /// @pre not empty, and they outlive this.
  using workers = std::vector<worker*>;

  http_port(listener_config cfg, net::routes routes, const workers& homes);
  ~http_port();

  /// Opens the port on all addresses of the host. Once, from any thread.
  /// @returns the port, or errc::cannot_listen.
  caf::expected<uint16_t> open();

  /// Closes the port and its HTTP connections and waits until all workers have
  /// done so. Idempotent. Not on a worker's thread.
  void close();

  const listener_config& settings() const noexcept {
    return settings_;
  }

  const route* find(std::string_view path) const {
    return routes_.find(path);
  }

private:
  using endpoints = std::vector<tcp::endpoint>;

  /// A socket that listens; worker 0's.
  struct door {
    tcp_acceptor acceptor;
    worker::timer pause;
    bool failing = false; ///< So that one failure is logged once.
  };

  /// What belongs to one worker, for its thread alone.
  struct branch {
    worker* home;
    bool closed = false;
    boost::intrusive::list<http_session,
                           boost::intrusive::base_hook<http_session_hook>,
                           boost::intrusive::constant_time_size<false>>
      sessions;
  };

  // -- opening ----------------------------------------------------------------

  endpoints resolve(error_code& ec) const;
  error_code open_all(endpoints where);
  error_code open_one(const tcp::endpoint& where);

  // -- accepting --------------------------------------------------------------

  void wait(door& at);
  void accept_all(door& at);
  void pause(door& at, error_code why);
  void hand_over(descriptor socket, const tcp::endpoint& peer);
  void welcome(branch& to, descriptor socket, const tcp::endpoint& peer);
  branch& next_branch() noexcept;

  // -- closing ----------------------------------------------------------------

  void close(branch& x);

  // -- member variables -------------------------------------------------------

  const listener_config settings_;
  const net::routes routes_;
  std::vector<branch> branches_;
  size_t next_ = 0;
  std::list<door> doors_;
};

} // namespace troupe::net
