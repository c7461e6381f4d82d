#include "net/session.hpp"

#include <utility>

namespace troupe::net {

session::session(descriptor socket, worker& home)
  : home_{home},
    stream_{std::move(socket), home} {
}

session::~session() = default;

void session::on_worker_end() {
  auto self = let_go();
  stream_.close();
}

bool session::begin(std::shared_ptr<session> self) {
  if (!home_.sockets().add(stream_.socket(), *this))
    return false;
  home_.add(*this);
  self_ = std::move(self);
  return true;
}

void session::end() {
  auto self = let_go();
  stream_.close();
}

descriptor session::release() {
  auto self = let_go();
  return stream_.release();
}

std::shared_ptr<session> session::let_go() {
  ticking::unlink();
  home_.sockets().forget(*this);
  return std::exchange(self_, nullptr);
}

} // namespace troupe::net
