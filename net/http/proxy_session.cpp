#include "net/http/proxy_session.hpp"

#include "net/http/http_port.hpp"
#include "net/wire/proxy_header.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace troupe::net {

proxy_session::proxy_session(descriptor socket, tcp::endpoint peer,
                             worker& event_loop,
                             std::shared_ptr<const http_port> port,
                             receiver then)
  : session{std::move(socket), event_loop},
    peer_{std::move(peer)},
    port_{std::move(port)},
    then_{std::move(then)} {
}

proxy_session::~proxy_session() = default;

void proxy_session::start() {
  deadline_ = loop_.now() + port_->settings().request_timeout;
  port_->clients().await_request(pending_, base::unmapped(peer_.address()),
                                 loop_, [self = weak_from_this()] {
                                   if (auto x = self.lock())
                                     x->close();
                                 });
  begin(shared_from_this());
}

void proxy_session::close() {
  end();
}

void proxy_session::on_tick(time_point now) {
  if (now < deadline_)
    return;
  auto self = shared_from_this();
  refuse("no header of the PROXY protocol in time");
}

void proxy_session::on_ready(uint32_t events) {
  auto self = shared_from_this();
  note(events);
  read();
}

/// Looks at the bytes without consuming them, since those after the header
/// belong to the next session.
void proxy_session::read() {
  std::array<char, proxy_header::max_size> bytes;
  auto size = ::recv(stream_.socket(), bytes.data(), bytes.size(),
                     MSG_PEEK | MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (size <= 0)
    return close();
  auto header = parse_proxy_header({bytes.data(), static_cast<size_t>(size)});
  if (header.how == proxy_header::state::invalid)
    return refuse("no header of the PROXY protocol");
  if (header.how == proxy_header::state::incomplete)
    return;
  ::recv(stream_.socket(), bytes.data(), header.size, MSG_DONTWAIT);
  pending_.remove();
  proxy_session_hook::unlink();
  auto then = std::exchange(then_, nullptr);
  auto socket = release().socket;
  then(std::move(socket), std::move(place_), header.client.value_or(peer_));
}

void proxy_session::refuse(const char* why) {
  port_->clients().refuse_proxy(peer_, why);
  close();
}

} // namespace troupe::net
