#pragma once

#include "net/runtime/connection_intake.hpp"
#include "net/runtime/socket.hpp"

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

/// The protocol of the first bytes that a peer must send.
enum class opening : uint8_t {
  basp, ///< The header of a client's handshake.
  tls,  ///< A ClientHello in a TLS record.
};

/// Accepts connections of other nodes. Since anyone may connect, a peer has 5 s
/// to complete the handshake, and its first bytes are checked before anything
/// else reads them.
///
/// At most 64 pending peers that have not sent anything are kept, and 64 that
/// have, 32 of each from one source: an IPv4 address, or a /64 network in IPv6.
/// Beyond that, the oldest one of the new peer's source is closed, or of the
/// source with the most pending peers. Flooding the port therefore shuts out at
/// most peers of the same source, and silent connections do not shut out peers
/// that have sent data.
///
/// Members are for the thread of the io_context, except `open`.
class node_acceptor {
public:
  /// A connection that has not completed the handshake.
  struct pending_peer {
    std::string remote;          ///< `ADDRESS:PORT`.
    std::function<void()> close; ///< Closes it when its time is over. Set by
                                 ///< the receiver of the socket.
  };

  /// Receives the socket of a pending peer whose first bytes are valid.
  using receiver
    = std::function<void(descriptor, std::shared_ptr<pending_peer>)>;

  node_acceptor(asio::io_context& io, opening language, receiver then);
  ~node_acceptor();

  /// Listens at the first of the host's addresses that permits it. Call before
  /// the io_context runs, or on its thread.
  /// @returns the port, or errc::cannot_listen.
  caf::expected<uint16_t> open(const std::string& host, uint16_t port);

  /// Closes the port and all pending peers.
  void close();

private:
  using clock = std::chrono::steady_clock;

  struct incoming : pending_peer {
    explicit incoming(asio::io_context& io) : socket{io} {
    }

    tcp_socket socket; ///< Closed after it was passed on.
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
  connection_intake intake_;
  io_timer deadline_;

  /// Peers that have sent data in the order of their first data, the others in
  /// the order of their arrival.
  std::list<incoming_ptr> pending_;
};

} // namespace troupe::net
