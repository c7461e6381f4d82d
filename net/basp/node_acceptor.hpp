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

/// The language that a pending peer must begin to speak.
enum class opening : uint8_t {
  basp, ///< The header of a client's handshake.
  tls,  ///< A ClientHello in a record of TLS.
};

/// Where other nodes come in. Strangers come, too: a pending peer has 5 s to
/// become a node, and its first bytes are looked at before anybody else reads
/// them.
///
/// No more than 64 pending peers are there at a time that have not begun to
/// speak, and 64 that have, 32 of one source each: an IPv4 address, or a
/// network of 64 bits of IPv6. One more, and the oldest of its source goes, or
/// of the source that has the most. So whoever floods the port keeps out those
/// of its own address at most, and silent ones nobody who has begun to speak.
///
/// All members are for the thread of the io_context, but for `open`.
class node_acceptor {
public:
  /// Somebody on the way in.
  struct pending_peer {
    std::string remote;          ///< `ADDRESS:PORT`.
    std::function<void()> close; ///< When its time is over: whoever takes the
                                 ///< socket says here how to close it.
  };

  /// Takes the socket of a pending peer that has begun to speak.
  using receiver
    = std::function<void(descriptor, std::shared_ptr<pending_peer>)>;

  node_acceptor(asio::io_context& io, opening language, receiver then);
  ~node_acceptor();

  /// Listens at the first of the host's addresses where that is possible.
  /// Before the io_context runs, or on its thread.
  /// @returns the port, or errc::cannot_listen.
  caf::expected<uint16_t> open(const std::string& host, uint16_t port);

  /// Closes the port and dismisses all pending peers.
  void close();

private:
  using clock = std::chrono::steady_clock;
  using timer
    = asio::basic_waitable_timer<clock, asio::wait_traits<clock>, io_executor>;
  using tcp_socket = asio::basic_stream_socket<tcp, io_executor>;

  struct incoming : pending_peer {
    explicit incoming(asio::io_context& io) : socket{io} {
    }

    tcp_socket socket; ///< Closed once it was handed on.
    clock::time_point deadline;
    std::string source;
    bool has_spoken = false;
  };

  using incoming_ptr = std::shared_ptr<incoming>;

  void wait();
  void accept_all();
  void pause(error_code why);
  void start_peer(descriptor socket, const tcp::endpoint& peer);
  void await_preamble(const incoming_ptr& x);
  void check_preamble(const incoming_ptr& x);
  void refuse(const incoming_ptr& x, const std::string& why);
  void make_room(const incoming& x);
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
  std::list<incoming_ptr> pending_;
};

} // namespace troupe::net
