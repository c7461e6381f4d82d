#include "net/farewell.hpp"

#include "net/discard.hpp"

#include <boost/asio/write.hpp>

#include <utility>

namespace troupe::net {

using namespace std::chrono_literals;

namespace {

/// How long a client that was refused may take to read why.
constexpr auto patience = 2s;

} // namespace

farewell::farewell(tcp_socket socket, worker& home)
  : socket_{std::move(socket)},
    home_{home} {
}

void farewell::start(std::string last_words) {
  last_words_ = std::move(last_words);
  deadline_ = home_.now() + patience;
  home_.add(*this);
  asio::async_write(socket_, asio::buffer(last_words_),
                    [self = shared_from_this()](error_code ec, size_t) {
                      self->on_written(ec);
                    });
}

void farewell::on_tick(time_point now) {
  error_code ignored;
  if (now >= deadline_)
    socket_.close(ignored); // what is pending is told, and lets go of this
}

void farewell::on_written(error_code ec) {
  if (!ec)
    socket_.shutdown(tcp_socket::shutdown_send, ec);
  if (!ec)
    drain();
}

void farewell::drain() {
  socket_.async_wait(tcp_socket::wait_read,
                     [self = shared_from_this()](error_code ec) {
                       auto socket = self->socket_.native_handle();
                       if (!ec && discard_input(socket) != leftover::end)
                         self->drain();
                     });
}

} // namespace troupe::net
