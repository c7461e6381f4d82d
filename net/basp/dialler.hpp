#pragma once

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

/// Connects sockets. Nothing that is slow to answer, be it a host or a name
/// server, delays anything else. All members are for the thread of `io`.
class dialler {
public:
  /// Gets a connected, non-blocking socket, or says why there is none.
  using receiver = std::function<void(descriptor socket, std::string why)>;

  using addresses = std::vector<asio::ip::address>;
  using endpoints = std::vector<tcp::endpoint>;

  /// Looks up the addresses of a host. May block, and is called on a thread of
  /// its own.
  using resolver
    = std::function<addresses(const std::string& host, error_code& ec)>;

  /// @param patience how long a connection may be dead before it breaks: what
  ///                 was sent stays unacknowledged (TCP_USER_TIMEOUT).
  /// @param resolve  the system's, if empty.
  dialler(asio::io_context& io, std::chrono::milliseconds patience,
          resolver resolve = {});
  ~dialler();

  /// Connects to the first of the host's addresses that answers, leaving out
  /// those in `except`. Calls `then` once, within 1.5 s, and not before this
  /// returns.
  void dial(const std::string& host, uint16_t port, endpoints except,
            receiver then);

  /// Ends all calls under way, which hear of it.
  void close();

private:
  struct call;
  struct lookups;
  using call_ptr = std::shared_ptr<call>;

  void look_up(const call_ptr& x, const std::string& host);
  void connect_next(const call_ptr& x);
  void finish(call_ptr x, const std::string& why);

  asio::io_context& io_;
  const std::chrono::milliseconds patience_;
  const resolver resolve_;
  std::list<call_ptr> calls_;
  std::shared_ptr<lookups> lookups_;
};

} // namespace troupe::net
