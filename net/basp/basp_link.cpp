#include "net/basp/basp_link.hpp"

#include "net/basp/basp_payload.hpp"
#include "net/runtime/peer_log.hpp"

#include <caf/io/basp/message_type.hpp>
#include <caf/io/basp/version.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/interfaces.hpp>
#include <caf/io/network/stream_impl.hpp>
#include <caf/policy/tcp.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace troupe::net {

namespace io = caf::io;
namespace basp = caf::io::basp;

namespace {

/// Returns a unique handle. CAF uses the descriptor instead, which the kernel
/// may assign to the next socket before BASP has cleaned up the previous
/// connection.
io::connection_handle next_handle() {
  static std::atomic<int64_t> last{int64_t{1} << 32};
  return io::connection_handle::from_int(++last);
}

/// Reads a big-endian number.
uint64_t number(const unsigned char* bytes, size_t size) {
  return std::accumulate(bytes, bytes + size, uint64_t{0},
                         [](uint64_t x, unsigned char y) {
                           return x << 8 | y;
                         });
}

/// CAF's policy for reading and writing, implemented with TLS.
class tls_policy {
public:
  using rw_state = io::network::rw_state;

  explicit tls_policy(tls_session_ptr x) : session_{std::move(x)} {
  }

  rw_state read_some(size_t& result, int, void* to, size_t size) {
    return in_terms_of_caf(session_->read(to, size, result));
  }

  rw_state write_some(size_t& result, int, const void* from, size_t size) {
    if (size == 0) {
      result = 0;
      return rw_state::indeterminate;
    }
    return in_terms_of_caf(
      session_->write(from, std::min(size, max_write), result));
  }

  bool must_read_more(int, size_t threshold) {
    return session_->pending() >= threshold;
  }

private:
  /// CAF expects success with zero bytes for calls that must be repeated.
  static rw_state in_terms_of_caf(tls_session::outcome x) {
    return x == tls_session::outcome::failed ? rw_state::failure
                                             : rw_state::success;
  }

  /// Limits one write, so that other connections are served.
  static constexpr size_t max_write = size_t{1} << 20;

  tls_session_ptr session_;
};

/// Implements CAF's scribe on top of a stream.
template <class Policy>
class bridge_over final : public basp_link {
public:
  template <class... Ts>
  bridge_over(io::network::default_multiplexer& backend, int socket, side which,
              size_t max_payload, Ts&&... xs)
    : basp_link{socket, which, max_payload},
      stream_{backend, socket, std::forward<Ts>(xs)...} {
  }

  void ack_writes(bool enable) override {
    stream_.ack_writes(enable);
  }

  std::vector<char>& wr_buf() override {
    return stream_.wr_buf();
  }

  std::vector<char>& rd_buf() override {
    return stream_.rd_buf();
  }

  void flush() override {
    stream_.flush(this);
  }

  void graceful_shutdown() override {
    stream_.graceful_shutdown();
    detach(&stream_.backend(), false);
  }

  std::string addr() const override {
    auto x = io::network::remote_addr_of_fd(stream_.fd());
    return x ? *x : std::string{};
  }

  uint16_t port() const override {
    auto x = io::network::remote_port_of_fd(stream_.fd());
    return x ? *x : uint16_t{0};
  }

  void add_to_loop() override {
    stream_.activate(this);
  }

  /// CAF drops requests to watch a socket and to stop watching it if both are
  /// made in one round. The stream, which owns this link while it is watched,
  /// would never release it.
  void remove_from_loop() override {
    if (stream_.eventbf() != 0)
      stream_.passivate();
    else
      stream_.backend().post(
        [this, self = basp_link_ptr{this}] { stream_.passivate(); });
  }

private:
  void read_on(io::receive_policy::config how) override {
    stream_.configure_read(how);
    stream_.start(this); // no effect after the first call
  }

  io::network::stream_impl<Policy> stream_;
};

template <class Policy, class... Ts>
basp_link_ptr make(caf::actor_system& sys, descriptor socket,
                   basp_link::side which, size_t max_payload, Ts&&... xs) {
  auto& backend = dynamic_cast<io::network::default_multiplexer&>(
    sys.middleman().backend());
  return caf::make_counted<bridge_over<Policy>>(
    backend, socket.release(), which, max_payload, std::forward<Ts>(xs)...);
}

} // namespace

// -- basp_link ----------------------------------------------------------------

basp_link::basp_link(int socket, side which, size_t max_payload)
  : scribe{next_handle()},
    socket_{socket},
    side_{which},
    max_payload_{max_payload} {
}

void basp_link::hang_up() noexcept {
  stage_ = stage::nothing;
  ::shutdown(socket_, SHUT_RDWR);
}

void basp_link::hang_up_unless_met() noexcept {
  if (auto x = stage_.load(); x == stage::header || x == stage::payload)
    hang_up();
}

void basp_link::configure_read(io::receive_policy::config how) {
  if (how.second <= max_payload_)
    return read_on(how);
  log_peer("cluster-port", addr(),
           "announces a message of " + std::to_string(how.second)
             + " bytes, which is too much");
  hang_up();
}

/// Ignores input after `hang_up`, since data that the peer has sent before is
/// still in the socket.
bool basp_link::consume(caf::execution_unit* ctx, const void* data,
                        size_t size) {
  switch (stage_) {
    case stage::header:
      if (!is_handshake(static_cast<const unsigned char*>(data))) {
        hang_up();
        return true;
      }
      stage_ = stage::payload;
      break;
    case stage::payload:
      stage_ = stage::messages;
      break;
    case stage::messages:
      if (!is_harmless(ctx, data, size)) {
        hang_up();
        return true;
      }
      break;
    case stage::nothing:
      return true;
  }
  return scribe::consume(ctx, data, size);
}

/// The header's layout is described in node_acceptor.cpp. The response to a
/// client holds the version, which CAF does not compare, and may have a longer
/// payload with the names of applications.
bool basp_link::is_handshake(const unsigned char* header) const noexcept {
  auto operation = static_cast<basp::message_type>(header[0]);
  auto length = number(header + 4, 4);
  if (side_ == side::server)
    return operation == basp::message_type::client_handshake && length > 0
           && length <= 1024;
  return operation == basp::message_type::server_handshake && length > 0
         && length <= 65536 && number(header + 8, 8) == basp::version;
}

/// Checks a header or a payload, which BASP reads in turn.
bool basp_link::is_harmless(caf::execution_unit* ctx, const void* data,
                            size_t size) {
  const auto* bytes = static_cast<const unsigned char*>(data);
  auto harm = is_payload_next_ ? harm_in(ctx->system(), operation_, data, size)
                               : harm_in_header(bytes);
  if (!harm.empty()) {
    log_peer("cluster-port", addr(), "is cut off: a message " + harm);
    return false;
  }
  if (!is_payload_next_)
    operation_ = bytes[0];
  is_payload_next_ = !is_payload_next_ && number(bytes + 4, 4) > 0;
  return true;
}

// -- creating links -----------------------------------------------------------

basp_link_ptr make_link(caf::actor_system& sys, descriptor socket,
                        basp_link::side which, size_t max_payload) {
  return make<caf::policy::tcp>(sys, std::move(socket), which, max_payload);
}

basp_link_ptr make_link(caf::actor_system& sys, descriptor socket,
                        tls_session_ptr session, basp_link::side which,
                        size_t max_payload) {
  return make<tls_policy>(sys, std::move(socket), which, max_payload,
                          std::move(session));
}

} // namespace troupe::net
