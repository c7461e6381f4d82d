#include "net/basp/node_acceptor.hpp"

#include "base/address.hpp"
#include "troupe/error.hpp"
#include "troupe/log.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <span>
#include <utility>

namespace troupe::net {

using namespace std::chrono_literals;

namespace {

constexpr int backlog = 128;

/// Time limit from the connection to the end of BASP's handshake.
constexpr auto time_to_enter = 5s;

/// Maximum number of pending peers that have sent data, and of those that have
/// not.
constexpr size_t max_pending = 64;

/// Maximum number of these per source.
constexpr size_t max_of_one_source = 32;

/// Maximum number of accepted connections at a time, so that other work is
/// done.
constexpr size_t max_accepts = 64;

using bytes = std::span<const unsigned char>;

bool is_zero(unsigned char x) {
  return x == 0;
}

/// Returns whether `x` is the header of a client's handshake. A header of BASP
/// has 32 bytes: operation, two bytes of padding, flags, payload size (4 bytes,
/// big-endian), and 24 bytes that are zero here. The payload is the name of a
/// node, about 30 bytes.
bool is_client_handshake(bytes x) {
  constexpr unsigned char client_handshake = 1;
  auto length = x[6] * 256 + x[7];
  return x[0] == client_handshake && x[4] == 0 && x[5] == 0 && length > 0
         && length <= 1024 && std::all_of(x.begin() + 8, x.end(), is_zero);
}

/// Returns whether `x` is the beginning of a ClientHello: a record header of 5
/// bytes, then the type of the handshake message (RFC 8446 sections 4 and 5.1).
bool is_client_hello(bytes x) {
  return x[0] == 22 && x[1] == 3 && x[5] == 1;
}

size_t preamble_size(opening language) {
  return language == opening::basp ? 32 : 6;
}

/// Returns the source of a connection. An IPv6 host can use any address of its
/// /64 network.
std::string source_of(const tcp::endpoint& x) {
  auto address = x.address();
  if (!address.is_v6() || address.to_v6().is_v4_mapped())
    return plain_address(x);
  auto network = address.to_v6().to_bytes();
  std::fill(network.begin() + 8, network.end(), uint8_t{0});
  return asio::ip::address_v6{network}.to_string();
}

/// Makes the socket readable only when `count` bytes have arrived, or at its
/// end.
void set_least(int socket, size_t count) {
  auto value = static_cast<int>(count);
  ::setsockopt(socket, SOL_SOCKET, SO_RCVLOWAT, &value, sizeof(value));
}

} // namespace

node_acceptor::node_acceptor(asio::io_context& io, opening language,
                             receiver then)
  : io_{io},
    language_{language},
    then_{std::move(then)},
    acceptor_{io},
    intake_{io, "cluster-port", "other nodes"},
    deadline_{io} {
}

node_acceptor::~node_acceptor() {
  close();
}

// -- the port -----------------------------------------------------------------

caf::expected<uint16_t> node_acceptor::open(const std::string& host,
                                            uint16_t port) {
  error_code ec;
  asio::ip::basic_resolver<tcp, io_executor> resolver{io_};
  auto found = resolver.resolve(host, std::to_string(port),
                                tcp::resolver::passive, ec);
  for (const auto& x : found) {
    close_and_forget(acceptor_);
    ec = listen_at(acceptor_, x.endpoint(), backlog);
    if (!ec) {
      wait();
      return acceptor_.local_endpoint().port();
    }
  }
  return make_error(errc::cannot_listen, host + " port " + std::to_string(port)
                                           + ": " + ec.message());
}

void node_acceptor::close() {
  close_and_forget(acceptor_);
  intake_.cancel();
  deadline_.cancel();
  for (auto& x : std::exchange(pending_, {}))
    x->close();
}

void node_acceptor::wait() {
  acceptor_.async_wait(tcp_acceptor::wait_read, [this](error_code) {
    if (acceptor_.is_open())
      accept_all();
  });
}

void node_acceptor::accept_all() {
  for (size_t i = 0; i < max_accepts; ++i) {
    error_code ec;
    auto x = intake_.accept(acceptor_.native_handle(), ec);
    if (ec == asio::error::would_block)
      break;
    if (ec)
      return pause(ec);
    start_peer(std::move(x->socket), x->peer);
  }
  wait();
}

void node_acceptor::pause(error_code why) {
  intake_.pause(why, [this] {
    if (acceptor_.is_open())
      wait();
  });
}

// -- pending peers ------------------------------------------------------------

void node_acceptor::start_peer(descriptor socket, const tcp::endpoint& peer) {
  auto x = std::make_shared<incoming>(io_);
  x->remote = to_string(base::address{plain_address(peer), peer.port()});
  x->source = source_of(peer);
  x->deadline = clock::now() + time_to_enter;
  x->close = [self = x.get()] {
    log_limited(log_level::debug, {"cluster-port", {}, self->remote},
                self->remote + ": timed out before the handshake");
    error_code ignored;
    self->socket.close(ignored);
  };
  error_code ec;
  set_least(socket.get(), preamble_size(language_));
  x->socket.assign(peer.protocol(), socket.get(), ec);
  if (ec)
    return log_limited(log_level::debug, {"cluster-port", {}, x->remote},
                       x->remote + ": " + ec.message());
  socket.release();
  pending_.push_back(x);
  make_room(*x);
  if (pending_.size() == 1)
    watch_deadline();
  await_preamble(x);
}

void node_acceptor::await_preamble(const incoming_ptr& x) {
  x->socket.async_wait(tcp_socket::wait_read, [this, x](error_code ec) {
    if (!ec && x->socket.is_open())
      check_preamble(x);
  });
}

void node_acceptor::check_preamble(const incoming_ptr& x) {
  std::array<unsigned char, 32> head{};
  auto wanted = preamble_size(language_);
  auto got = ::recv(x->socket.native_handle(), head.data(), wanted,
                    MSG_PEEK | MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN)
    return await_preamble(x);
  if (got < static_cast<ssize_t>(wanted))
    return refuse(x, "closed without sending anything");
  auto is_node = language_ == opening::basp ? is_client_handshake(head)
                                            : is_client_hello(head);
  if (!is_node)
    return refuse(x, "not a cluster node");
  error_code ec;
  descriptor socket{x->socket.release(ec)};
  set_least(socket.get(), 1);
  x->close = [] {};
  x->has_spoken = true;
  pending_.remove(x);
  pending_.push_back(x);
  make_room(*x);
  then_(std::move(socket), x);
}

void node_acceptor::refuse(const incoming_ptr& x, const std::string& why) {
  log_limited(log_level::debug, {"cluster-port", {}, x->remote},
              x->remote + ": " + why);
  error_code ignored;
  x->socket.close(ignored);
  pending_.remove(x);
}

/// Closes one pending peer if `x` exceeds a limit.
void node_acceptor::make_room(const incoming& x) {
  size_t all = 0;
  size_t of_source = 0;
  for (const auto& y : pending_)
    if (y->has_spoken == x.has_spoken) {
      ++all;
      of_source += y->source == x.source ? 1 : 0;
    }
  if (all <= max_pending && of_source <= max_of_one_source)
    return;
  auto source = of_source > max_of_one_source ? x.source
                                              : busiest_source(x.has_spoken);
  auto i = std::find_if(pending_.begin(), pending_.end(), [&](const auto& y) {
    return y->has_spoken == x.has_spoken && y->source == source;
  });
  (*i)->close();
  pending_.erase(i);
}

std::string node_acceptor::busiest_source(bool has_spoken) const {
  std::map<std::string, size_t> counts;
  for (const auto& x : pending_)
    if (x->has_spoken == has_spoken)
      ++counts[x->source];
  auto has_less = [](const auto& x, const auto& y) {
    return x.second < y.second;
  };
  return std::max_element(counts.begin(), counts.end(), has_less)->first;
}

void node_acceptor::watch_deadline() {
  if (pending_.empty())
    return;
  auto is_earlier = [](const auto& x, const auto& y) {
    return x->deadline < y->deadline;
  };
  auto next = std::min_element(pending_.begin(), pending_.end(), is_earlier);
  deadline_.expires_at((*next)->deadline);
  deadline_.async_wait([this](error_code ec) {
    if (ec)
      return;
    pending_.remove_if([now = clock::now()](const incoming_ptr& x) {
      auto is_late = x->deadline <= now;
      if (is_late)
        x->close();
      return is_late;
    });
    watch_deadline();
  });
}

} // namespace troupe::net
