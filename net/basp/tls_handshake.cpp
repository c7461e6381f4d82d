#include "net/basp/tls_handshake.hpp"

#include <utility>

namespace troupe::net {

using namespace std::chrono_literals;

namespace {

constexpr auto handshake_time = 3s;

} // namespace

tls_handshake::tls_handshake(asio::io_context& io, descriptor socket,
                             receiver then)
  : socket_{std::move(socket)},
    watch_{io},
    deadline_{io},
    then_{std::move(then)} {
}

void tls_handshake::start(ssl_context context, side which) {
  session_ = std::make_unique<tls_session>(std::move(context), socket_.get(),
                                           which);
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

void tls_handshake::step() {
  switch (session_->shake_hands()) {
    case tls_session::outcome::again:
      return watch_.async_wait(asio::posix::descriptor_base::wait_read,
                               [self = shared_from_this()](error_code ec) {
                                 if (!ec && self->then_)
                                   self->step();
                               });
    case tls_session::outcome::done:
      return finish({});
    case tls_session::outcome::failed:
      return finish(tls_complaint());
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
