#pragma once

#include "net/http/client_filter.hpp"
#include "net/http/fair_budget.hpp"
#include "net/http/http_session.hpp"
#include "net/http/proxy_session.hpp"
#include "net/http/routes.hpp"
#include "net/http/tls_certificates.hpp"
#include "net/runtime/connection_intake.hpp"
#include "net/runtime/socket.hpp"
#include "net/runtime/worker.hpp"
#include "troupe/config.hpp"
#include "troupe/listener_config.hpp"

#include <boost/intrusive/list.hpp>
#include <caf/error.hpp>
#include <caf/expected.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace troupe::net {

/// An open HTTP port. All workers accept, so that a blocked one does not close
/// the port for all, and distribute the sockets among the workers that are not
/// blocked. The part of `listener` that its sessions share.
class http_port final : public std::enable_shared_from_this<http_port> {
public:
  /// @pre not empty, and the workers outlive this object.
  using workers = std::vector<worker*>;

  http_port(listener_config cfg, net::routes routes,
            const workers& event_loops);
  ~http_port();

  /// Reads the certificates, if any, and opens the port on all addresses of the
  /// host. Call once, from any thread.
  /// @param inherited listening sockets of a service manager; if there are any,
  ///                  they are used instead of the host and the port.
  /// @returns the port, errc::cannot_listen or errc::invalid_config.
  caf::expected<uint16_t> open(std::vector<descriptor> inherited = {});

  /// Reads changed certificates. Thread-safe, but not for a worker's thread.
  /// @returns none, or errc::invalid_config.
  caf::error reload();

  /// Closes the port after accepting what waits in the kernel. From now on,
  /// requests get 503. Inherited sockets continue to listen for the next
  /// process, which serves those that wait. Waits until all workers have done
  /// so, for at most a second, since a blocked worker does it later.
  /// Idempotent. Do not call on a worker's thread.
  void drain();

  /// Returns whether a client has sent a part of a request and has not got the
  /// response. Do not call on a worker's thread, since it asks all workers.
  bool has_requests();

  /// Closes the port at once, then its HTTP connections. Otherwise the same as
  /// `drain`.
  void close();

  const listener_config& settings() const noexcept {
    return settings_;
  }

  const route* find(std::string_view path) const {
    return routes_.find(path);
  }

  /// Returns whether new clients may come. Thread-safe.
  bool is_ready() const noexcept {
    return is_ready_ && !is_draining_;
  }

  void set_ready(bool x) noexcept {
    is_ready_ = x;
  }

  /// Checks whether the port serves requests. Thread-safe.
  /// @param what the probe that the request is.
  /// @returns the reason for refusal, or nothing.
  std::optional<refusal> check(probe what = probe::none) const;

  /// Counts a request that waits for the program. Thread-safe.
  /// @returns nothing if there are too many, at all or of the client's address.
  std::optional<fair_budget::share>
  enter_waiting(const base::ip_address& client) const {
    return waiting_.take_one(clients_.key_of(client));
  }

  /// Returns the memory for the body of a request. Thread-safe.
  fair_budget::share memory_for(const base::ip_address& client) const {
    return {bodies_, clients_.key_of(client)};
  }

  client_filter& clients() const noexcept {
    return clients_;
  }

private:
  using endpoints = std::vector<tcp::endpoint>;

  struct worker_sessions;

  /// A worker's registration of a listening socket. All workers share the
  /// socket.
  struct listening_socket final : pollable {
    listening_socket(http_port& owner, worker_sessions& there, int listening);

    void on_ready(uint32_t events) override;

    http_port& port;
    worker_sessions& at;
    int socket;
    connection_intake intake;
  };

  /// An accepted socket that was assigned to a worker.
  struct accepted_socket {
    descriptor socket;
    connection_place place;
    tcp::endpoint peer;
    worker::time_point since;
  };

  /// Fetches accepted sockets from workers that became blocked.
  struct rescuer final : tickable {
    rescuer(http_port& owner, worker_sessions& there) : port{owner}, at{there} {
    }

    void on_tick(worker::time_point now) override;

    http_port& port;
    worker_sessions& at;
  };

  /// The sessions of one worker. For its thread unless documented otherwise.
  struct worker_sessions {
    worker_sessions(http_port& owner, worker& w)
      : event_loop{w},
        rescue{owner, *this} {
    }

    std::optional<accepted_socket> pop_before(worker::time_point before);

    /// Returns whether the worker may get another accepted socket in this round
    /// of its poller, and counts `more` as assigned. Thread-safe.
    bool may_get(size_t more);

    worker& event_loop; ///< For any thread.
    std::shared_ptr<http_port>
      port; ///< Set while the listening sockets are registered.
    bool closed = false;
    std::list<listening_socket> listening_sockets;
    rescuer rescue;
    boost::intrusive::list<http_session,
                           boost::intrusive::base_hook<http_session_hook>,
                           boost::intrusive::constant_time_size<false>>
      sessions;
    boost::intrusive::list<proxy_session,
                           boost::intrusive::base_hook<proxy_session_hook>,
                           boost::intrusive::constant_time_size<false>>
      proxy_sessions;

    std::mutex mutex;
    std::deque<accepted_socket>
      accepted_sockets; ///< For any thread; guarded by `mutex`.
    uint64_t round = 0; ///< Last known round of its poller; guarded by `mutex`.
    /// Sockets assigned in that round; guarded by `mutex`.
    size_t in_round = 0;
  };

  // -- opening ----------------------------------------------------------------

  endpoints resolve(error_code& ec) const;
  error_code open_all(endpoints where, uint16_t& port);
  error_code open_one(const tcp::endpoint& where, uint16_t& port);
  error_code adopt(std::vector<descriptor> inherited, uint16_t& port);

  // -- accepting --------------------------------------------------------------

  void watch(worker_sessions& x);
  void accept_some(listening_socket& at);
  error_code accept_one(listening_socket& at);
  void pause(listening_socket& at, error_code why);
  void hand_over(worker_sessions& from, accepted_socket x);
  bool is_open(worker_sessions& x, worker_sessions& from) const;
  bool has_room(worker_sessions& from);
  worker_sessions& next_worker(worker_sessions& from);
  void take_in(worker_sessions& to);
  void start_session(worker_sessions& to, accepted_socket x);
  transport make_transport(descriptor socket) const;
  void start_proxy(worker_sessions& to, accepted_socket x);
  void start_http(worker_sessions& to, descriptor socket,
                  connection_place place, const tcp::endpoint& client);
  void rescue(worker_sessions& to, worker::time_point now);

  // -- closing ----------------------------------------------------------------

  template <class F>
  bool for_each_worker(F f);
  void stop_listening();
  void drain(worker_sessions& x);
  void unwatch(worker_sessions& x);
  void close(worker_sessions& x);

  // -- member variables -------------------------------------------------------

  const listener_config settings_;
  const net::routes routes_;
  std::optional<tls_certificates> certificates_; ///< Those of a TLS port.
  mutable client_filter clients_;
  std::deque<worker_sessions> sessions_;
  std::atomic<bool> is_ready_ = true;
  std::atomic<size_t> next_ = 0;
  mutable fair_budget waiting_;     ///< Requests.
  mutable fair_budget bodies_;      ///< Bytes.
  std::vector<descriptor> sockets_; ///< The listening sockets.
  bool is_inherited_ = false;
  std::atomic<bool> is_draining_ = false; ///< Also while it is closing.
};

} // namespace troupe::net
