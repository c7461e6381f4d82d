#pragma once

#include "net/runtime/socket.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <caf/expected.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

namespace troupe::net {

/// The language that a newcomer must begin to speak.
enum class opening : uint8_t {
  basp, ///< The header of a client's handshake.
  tls,  ///< A ClientHello in a record of TLS.
};

/// Where other nodes come in. Strangers come, too: a newcomer has 5 s to become
/// a node, and its first bytes are looked at before anybody else reads them.
///
/// No more than 64 newcomers are there at a time that have not begun to speak,
/// and 64 that have, 32 of one source each: an IPv4 address, or a network of 64
/// bits of IPv6. One more, and the oldest of its source goes, or of the source
/// that has the most. So whoever floods the port keeps out those of its own
/// address at most, and silent ones nobody who has begun to speak.
///
/// All members are for the thread of the io_context, but for `open`.
class gate {
public:
  /// Somebody on the way in.
  struct guest {
    std::string remote;            ///< `ADDRESS:PORT`.
    std::function<void()> dismiss; ///< When its time is over: whoever takes the
                                   ///< socket says here how to close it.
  };

  /// Takes the socket of a guest that has begun to speak.
  using receiver = std::function<void(descriptor, std::shared_ptr<guest>)>;

  gate(asio::io_context& io, opening language, receiver then);
  ~gate();

  /// Listens at the first of the host's addresses where that is possible.
  /// Before the io_context runs, or on its thread.
  /// @returns the port, or errc::cannot_listen.
  caf::expected<uint16_t> open(const std::string& host, uint16_t port);

  /// Closes the port and dismisses all guests.
  void close();

private:
  using clock = std::chrono::steady_clock;
  using timer
    = asio::basic_waitable_timer<clock, asio::wait_traits<clock>, io_executor>;
  using tcp_socket = asio::basic_stream_socket<tcp, io_executor>;

  struct newcomer : guest {
    explicit newcomer(asio::io_context& io) : socket{io} {
    }

    tcp_socket socket; ///< Closed once it was handed on.
    clock::time_point deadline;
    std::string source;
    bool has_spoken = false;
  };

  using newcomer_ptr = std::shared_ptr<newcomer>;

  void wait();
  void accept_all();
  void pause(error_code why);
  void welcome(descriptor socket, const tcp::endpoint& peer);
  void listen_to(const newcomer_ptr& x);
  void judge(const newcomer_ptr& x);
  void refuse(const newcomer_ptr& x, const std::string& why);
  void make_room(const newcomer& x);
  std::string busiest_source(bool has_spoken) const;
  void watch_deadline();

  asio::io_context& io_;
  const opening language_;
  const receiver then_;
  tcp_acceptor acceptor_;
  timer pause_;
  timer deadline_;
  bool failing_ = false; ///< So that one failure is logged once.

  /// Those that have spoken in the order in which they did, the others in the
  /// order in which they came.
  std::list<newcomer_ptr> crowd_;
};

} // namespace troupe::net
