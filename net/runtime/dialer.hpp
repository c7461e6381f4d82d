#pragma once

#include "net/runtime/lookup_threads.hpp"
#include "net/runtime/socket.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace troupe::net {

/// Opens connections without blocking: a slow host or name server does not
/// delay other dials. Members are for the thread of `io`.
class dialer {
public:
  /// Receives a connected, non-blocking socket, or the reason why there is
  /// none.
  using receiver = std::function<void(descriptor socket, std::string why)>;

  using addresses = std::vector<asio::ip::address>;
  using endpoints = std::vector<tcp::endpoint>;

  /// Looks up the addresses of a host. May block; called on a separate thread.
  using resolver
    = std::function<addresses(const std::string& host, error_code& ec)>;

  /// Time limit for the lookup of a host and all its addresses. A reachable
  /// node responds within milliseconds, and its callers retry.
  static constexpr std::chrono::milliseconds node_time{1500};

  /// @param patience breaks a connection when sent data stays unacknowledged
  ///                 for that long (TCP_USER_TIMEOUT).
  /// @param resolve empty: the system's resolver.
  /// @param time    time limit for a dial.
  /// @param threads where `resolve` is called.
  dialer(asio::io_context& io, std::chrono::milliseconds patience,
         resolver resolve = {}, std::chrono::milliseconds time = node_time,
         lookup_threads threads = lookup_threads{});
  ~dialer();

  /// Connects to the first of the host's addresses that responds, except those
  /// in `except`. Calls `then` once, within the time limit and after this
  /// function has returned.
  void dial(const std::string& host, uint16_t port, endpoints except,
            receiver then);

  /// Ends all pending dials; their receivers get `why`.
  void close(const std::string& why = "canceled");

private:
  struct call;
  struct mailbox;
  using call_ptr = std::shared_ptr<call>;

  void look_up(const call_ptr& x, const std::string& host);
  void post(const call_ptr& x);
  void connect_next(const call_ptr& x);
  void finish(call_ptr x, const std::string& why);

  asio::io_context& io_;
  const std::chrono::milliseconds patience_;
  const resolver resolve_;
  const std::chrono::milliseconds time_;
  std::list<call_ptr> calls_;
  std::shared_ptr<mailbox> mailbox_;
  lookup_threads threads_;
};

} // namespace troupe::net
