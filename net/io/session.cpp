#include "net/io/session.hpp"

#include <utility>

namespace troupe::net {

session::session(transport connection, worker& event_loop)
  : loop_{event_loop},
    stream_{std::move(connection), event_loop} {
}

session::~session() = default;

void session::on_worker_end() {
  end();
}

void session::note(uint32_t events) {
  constexpr uint32_t writable = EPOLLOUT;
  constexpr uint32_t over = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  if ((events & writable) != 0)
    stream_.on_writable();
  readable_ = readable_ || (events & ~writable) != 0;
  peer_ended_ = peer_ended_ || (events & over) != 0;
}

coalescing_stream::input session::receive() {
  auto result = stream_.receive();
  // The kernel reports the end of the stream only once, possibly together with
  // data before it.
  readable_ = result.may_be_more || peer_ended_;
  return result;
}

bool session::begin(std::shared_ptr<session> self) {
  if (!loop_.sockets().add(stream_.socket(), *this))
    return false;
  loop_.add(*this);
  self_ = std::move(self);
  return true;
}

bool session::wind_down() {
  auto left = stream_.wind_down();
  if (left == leftover::some)
    loop_.sockets().call(*this);
  return left == leftover::end;
}

void session::end() {
  auto self = let_go();
  stream_.close();
  place_ = {};
}

transport session::release() {
  auto self = let_go();
  return stream_.release();
}

std::shared_ptr<session> session::let_go() {
  tickable::unlink();
  loop_.sockets().remove(stream_.socket(), *this);
  return std::exchange(self_, nullptr);
}

} // namespace troupe::net
