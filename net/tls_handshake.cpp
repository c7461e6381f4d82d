#include "net/tls_handshake.hpp"

#include "troupe/cluster.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <exception>
#include <utility>

namespace troupe::net {

using namespace std::chrono_literals;

namespace {

constexpr auto handshake_time = 3s;

/// What OpenSSL complained of on this thread: the first error is the cause.
std::string complaint() {
  auto code = ERR_peek_error();
  if (ERR_SYSTEM_ERROR(code))
    return error_code{static_cast<int>(ERR_GET_REASON(code)),
                      boost::system::system_category()}
      .message();
  const auto* text = ERR_reason_error_string(code);
  return text != nullptr ? text : "the connection was closed";
}

} // namespace

std::string tls_problem(const cluster_config& cfg) {
  ERR_clear_error();
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> ctx{
    SSL_CTX_new(TLS_method()), SSL_CTX_free};
  if (ctx == nullptr)
    return complaint();
  if (SSL_CTX_use_certificate_chain_file(ctx.get(), cfg.tls_certificate.c_str())
      != 1)
    return cfg.tls_certificate + ": " + complaint();
  if (SSL_CTX_use_PrivateKey_file(ctx.get(), cfg.tls_key.c_str(),
                                  SSL_FILETYPE_PEM)
      != 1)
    return cfg.tls_key + ": " + complaint();
  if (SSL_CTX_load_verify_locations(ctx.get(), cfg.tls_ca.c_str(), nullptr)
      != 1)
    return cfg.tls_ca + ": " + complaint();
  return {};
}

tls_handshake::tls_handshake(asio::io_context& io, descriptor socket,
                             receiver then)
  : socket_{std::move(socket)},
    watch_{io},
    deadline_{io},
    then_{std::move(then)} {
}

void tls_handshake::start(caf::actor_system& sys, side which) {
  ERR_clear_error();
  try { // CAF throws if a file is gone
    session_ = caf::openssl::make_session(sys, socket_.get(),
                                          which == side::server);
  } catch (const std::exception& x) {
    return finish(x.what());
  }
  if (session_ == nullptr)
    return finish(complaint());
  error_code ec;
  watch_.assign(socket_.get(), ec);
  if (ec)
    return finish(ec.message());
  deadline_.expires_after(handshake_time);
  deadline_.async_wait([self = shared_from_this()](error_code failure) {
    if (!failure)
      self->finish("no TLS handshake in time");
  });
  step();
}

void tls_handshake::give_up(const std::string& why) {
  finish(why);
}

/// CAF goes on with a handshake when it is asked to read, and says with no data
/// wanted: success, if it waits for the peer; indeterminate, if it is done. It
/// cannot say that it waits to write, but a handshake never fills a socket.
void tls_handshake::step() {
  ERR_clear_error();
  size_t ignored = 0;
  switch (session_->read_some(ignored, socket_.get(), nullptr, 0)) {
    case caf::io::network::rw_state::success:
      return watch_.async_wait(asio::posix::descriptor_base::wait_read,
                               [self = shared_from_this()](error_code ec) {
                                 if (!ec && self->then_)
                                   self->step();
                               });
    case caf::io::network::rw_state::indeterminate:
      return finish({});
    case caf::io::network::rw_state::failure:
      return finish(complaint());
  }
}

void tls_handshake::finish(const std::string& why) {
  auto then = std::exchange(then_, nullptr);
  if (!then)
    return;
  if (watch_.is_open())
    watch_.release();
  deadline_.cancel();
  if (why.empty())
    return then(std::move(socket_), std::move(session_), why);
  session_.reset();
  socket_.close();
  then({}, nullptr, why);
}

} // namespace troupe::net
