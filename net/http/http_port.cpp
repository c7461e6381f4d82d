#include "net/http/http_port.hpp"

#include "net/runtime/inherited_sockets.hpp"
#include "troupe/error.hpp"
#include "troupe/log.hpp"

#include <boost/asio/post.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <future>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <utility>

namespace troupe::net {

using namespace std::chrono_literals;

namespace {

/// Allows many clients to connect at once; the kernel reduces this to its own
/// limit.
constexpr int listen_backlog = 4096;

/// Maximum number of sockets that a worker gets in one round of its poller.
/// Otherwise a client that continuously reconnects could delay all other
/// sockets of that worker: idle workers would accept for it faster than it
/// completes a round.
constexpr size_t max_accepted_per_round = 8;

/// Time after which another worker takes an accepted socket from its worker.
constexpr auto most_wait = 50ms;

/// Time for which `close` waits for a blocked worker.
constexpr auto close_patience = 1s;

using boost::beast::http::status;

/// Returns the header line with a random time, since other clients come, too.
std::string retry_after() {
  constexpr unsigned most = 10; // seconds
  thread_local std::minstd_rand random{std::random_device{}()};
  return "Retry-After: " + std::to_string(1 + random() % most) + "\r\n";
}

/// Returns the limit for the bodies of all requests together.
size_t most_for_bodies(const listener_config& cfg) {
  constexpr auto most = std::numeric_limits<size_t>::max() / 2;
  auto largest = std::max<size_t>(cfg.max_body_size, 1);
  return std::min(cfg.max_waiting_requests, most / largest) * largest;
}

/// Returns whether other addresses of the host may still work.
bool is_lack_of_address(error_code ec) {
  return ec == asio::error::address_family_not_supported
         || ec == error_code{EADDRNOTAVAIL, boost::system::system_category()};
}

} // namespace

http_port::http_port(listener_config cfg, net::routes routes,
                     const workers& event_loops)
  : settings_{std::move(cfg)},
    routes_{std::move(routes)},
    clients_{settings_},
    waiting_{settings_.max_waiting_requests, 1},
    bodies_{most_for_bodies(settings_), settings_.max_body_size} {
  if (settings_.tls.is_enabled())
    certificates_.emplace(settings_.tls);
  for (auto* event_loop : event_loops)
    sessions_.emplace_back(*this, *event_loop);
}

http_port::~http_port() = default;

http_port::listening_socket::listening_socket(http_port& owner,
                                              worker_sessions& there,
                                              int listening)
  : port{owner},
    at{there},
    socket{listening},
    intake{there.event_loop.io(), "http", "connections"} {
}

// -- opening ------------------------------------------------------------------

caf::expected<uint16_t> http_port::open(std::vector<descriptor> inherited) {
  if (auto err = reload())
    return err;
  error_code ec;
  uint16_t port = 0;
  is_inherited_ = !inherited.empty();
  if (is_inherited_)
    ec = adopt(std::move(inherited), port);
  else if (auto where = resolve(ec); !ec)
    ec = open_all(std::move(where), port);
  if (ec) {
    std::ostringstream out;
    if (is_inherited_)
      out << "the socket of the service manager: " << ec.message();
    else
      out << settings_.host << " port " << settings_.port << ": "
          << ec.message();
    return make_error(errc::cannot_listen, out.str());
  }
  for (auto& x : sessions_)
    asio::post(x.event_loop.io(),
               [self = shared_from_this(), &x] { self->watch(x); });
  clients_.tell_settings();
  return port;
}

caf::error http_port::reload() {
  return certificates_ ? certificates_->read() : caf::none;
}

auto http_port::resolve(error_code& ec) const -> endpoints {
  asio::ip::basic_resolver<tcp, io_executor> resolver{
    sessions_.front().event_loop.io()};
  auto found = resolver.resolve(settings_.host, std::to_string(settings_.port),
                                tcp::resolver::passive, ec);
  endpoints result;
  for (const auto& x : found)
    result.push_back(x.endpoint());
  return result;
}

/// Opens all addresses with the same port, that of the first address.
error_code http_port::open_all(endpoints where, uint16_t& port) {
  error_code result = asio::error::host_not_found;
  for (auto& x : where) {
    if (!sockets_.empty())
      x.port(port);
    result = open_one(x, port);
    if (result && !is_lack_of_address(result)) {
      sockets_.clear();
      return result;
    }
  }
  return sockets_.empty() ? result : error_code{};
}

error_code http_port::open_one(const tcp::endpoint& where, uint16_t& port) {
  tcp_acceptor acceptor{sessions_.front().event_loop.io()};
  auto ec = listen_at(acceptor, where, listen_backlog);
  if (!ec)
    port = acceptor.local_endpoint(ec).port();
  if (!ec) // Registered with each worker's poller instead of one io_context.
    sockets_.emplace_back(acceptor.release(ec));
  return ec;
}

/// @param port receives the port of the first socket.
error_code http_port::adopt(std::vector<descriptor> inherited, uint16_t& port) {
  error_code ec;
  for (const auto& x : inherited)
    if (ec = prepare_to_accept(x); ec)
      return ec;
  port = local_end(inherited.front(), ec).port();
  sockets_ = std::move(inherited);
  return ec;
}

// -- accepting ----------------------------------------------------------------

void http_port::watch(worker_sessions& x) {
  if (x.closed)
    return;
  x.port = shared_from_this();
  for (const auto& socket : sockets_) {
    auto& at = x.listening_sockets.emplace_back(*this, x, socket.get());
    if (!x.event_loop.sockets().add(at.socket, at))
      pause(at, {errno, boost::system::system_category()});
  }
}

/// Called on all workers for each connection, in all but one without effect.
/// EPOLLEXCLUSIVE would wake only one worker, which may be blocked.
void http_port::listening_socket::on_ready(uint32_t) {
  port.accept_some(*this);
}

/// Uses plain system calls, since Asio would register each socket, which is
/// then passed to another poller.
void http_port::accept_some(listening_socket& at) {
  // Further connections wait in the kernel while no worker has room.
  while (!is_draining_ && has_room(at.at)) {
    auto ec = accept_one(at);
    if (ec == asio::error::would_block || ec == asio::error::invalid_argument)
      return; // no more connections, or closed
    if (ec)
      return pause(at, ec);
    if (at.at.event_loop.is_share_spent())
      break;
  }
  if (!is_draining_)
    at.at.event_loop.sockets().call(at);
}

error_code http_port::accept_one(listening_socket& at) {
  error_code ec;
  auto x = at.intake.accept(at.socket, ec);
  if (ec)
    return ec;
  connection_place place;
  if (clients_.accept(x->socket, place, x->peer))
    hand_over(at.at, {std::move(x->socket), std::move(place), x->peer,
                      at.at.event_loop.now()});
  return {};
}

void http_port::pause(listening_socket& at, error_code why) {
  at.intake.pause(why, [self = shared_from_this(), &at] {
    if (!self->is_draining_)
      at.at.event_loop.sockets().call(at);
  });
}

void http_port::hand_over(worker_sessions& from, accepted_socket x) {
  auto& to = next_worker(from);
  if (&to == &from)
    return start_session(to, std::move(x));
  {
    std::lock_guard guard{to.mutex};
    to.accepted_sockets.push_back(std::move(x));
  }
  from.event_loop.add(from.rescue);
  asio::post(to.event_loop.io(),
             [self = shared_from_this(), &to] { self->take_in(to); });
}

bool http_port::is_open(worker_sessions& x, worker_sessions& from) const {
  return &x == &from || !x.event_loop.is_held_up(from.event_loop.now());
}

bool http_port::has_room(worker_sessions& from) {
  return std::ranges::any_of(sessions_, [&](worker_sessions& x) {
    return is_open(x, from) && x.may_get(0);
  });
}

/// Returns the next worker in turn that is not blocked and has room in this
/// round.
auto http_port::next_worker(worker_sessions& from) -> worker_sessions& {
  for (size_t i = 0; i < sessions_.size(); ++i) {
    auto& x = sessions_[next_++ % sessions_.size()];
    if (is_open(x, from) && x.may_get(1))
      return x;
  }
  return from; // Another worker was faster.
}

/// Limits the sockets per round, since each one delays the others of the
/// worker.
bool http_port::worker_sessions::may_get(size_t more) {
  std::lock_guard guard{mutex};
  if (auto now = event_loop.sockets().round(); now != round) {
    round = now;
    in_round = 0;
  }
  if (in_round == max_accepted_per_round)
    return false;
  in_round += more;
  return true;
}

/// Removes and returns the first accepted socket if it has waited since
/// `before` or longer.
auto http_port::worker_sessions::pop_before(worker::time_point before)
  -> std::optional<accepted_socket> {
  std::lock_guard guard{mutex};
  if (accepted_sockets.empty() || accepted_sockets.front().since > before)
    return std::nullopt;
  auto result = std::move(accepted_sockets.front());
  accepted_sockets.pop_front();
  return result;
}

void http_port::take_in(worker_sessions& to) {
  if (auto x = to.pop_before(worker::time_point::max())) // else taken over
    start_session(to, std::move(*x));
}

void http_port::start_session(worker_sessions& to, accepted_socket x) {
  if (to.closed)
    return;
  if (settings_.proxy_protocol)
    start_proxy(to, std::move(x));
  else
    start_http(to, std::move(x.socket), std::move(x.place), x.peer);
}

void http_port::start_proxy(worker_sessions& to, accepted_socket x) {
  auto then = [self = shared_from_this(), &to](descriptor socket,
                                               connection_place place,
                                               const tcp::endpoint& client) {
    if (self->clients_.assign(socket, place, client))
      self->start_http(to, std::move(socket), std::move(place), client);
  };
  auto session = std::make_shared<proxy_session>(std::move(x.socket), x.peer,
                                                 to.event_loop,
                                                 shared_from_this(),
                                                 std::move(then));
  session->keep(std::move(x.place));
  to.proxy_sessions.push_back(*session);
  session->start();
}

void http_port::start_http(worker_sessions& to, descriptor socket,
                           connection_place place,
                           const tcp::endpoint& client) {
  auto session
    = std::make_shared<http_session>(make_transport(std::move(socket)), client,
                                     to.event_loop, shared_from_this());
  session->keep(std::move(place));
  to.sessions.push_back(*session);
  session->start();
}

transport http_port::make_transport(descriptor socket) const {
  if (!certificates_)
    return socket;
  return {std::move(socket),
          std::make_unique<tls_channel>(certificates_->current())};
}

void http_port::rescuer::on_tick(worker::time_point now) {
  port.rescue(at, now);
}

/// Takes over sockets that were assigned to a worker just before it became
/// blocked.
void http_port::rescue(worker_sessions& to, worker::time_point now) {
  auto some_wait = false;
  for (auto& from : sessions_) {
    while (auto x = from.pop_before(now - most_wait))
      start_session(to, std::move(*x));
    std::lock_guard guard{from.mutex};
    some_wait = some_wait || !from.accepted_sockets.empty();
  }
  if (!some_wait)
    to.rescue.unlink();
}

std::optional<refusal> http_port::check(probe what) const {
  if (is_draining_)
    return refusal{status::service_unavailable, "this server is about to stop",
                   retry_after()};
  if (what != probe::none && routes_.is_any_lost())
    return refusals::failed;
  if (what == probe::readiness && !is_ready_)
    return refusal{status::service_unavailable, "this server is about to stop"};
  return std::nullopt;
}

// -- closing ------------------------------------------------------------------

/// Calls `f(x)` for the sessions of each worker, on its thread.
/// @returns false if a worker did not do it within `close_patience`.
template <class F>
bool http_port::for_each_worker(F f) {
  std::vector<std::future<void>> all;
  for (auto& x : sessions_) {
    std::packaged_task<void()> task{[f, &x] { f(x); }};
    all.push_back(task.get_future());
    asio::post(x.event_loop.io(),
               [self = shared_from_this(), task = std::move(task)]() mutable {
                 task();
               });
  }
  auto end = std::chrono::steady_clock::now() + close_patience;
  return std::ranges::all_of(all, [end](auto& x) {
    return x.wait_until(end) == std::future_status::ready;
  });
}

/// Refuses connections from now on.
void http_port::stop_listening() {
  if (!is_inherited_) // Otherwise they would not listen for the next process.
    for (const auto& x : sockets_)
      ::shutdown(x.get(), SHUT_RDWR);
}

void http_port::drain() {
  is_draining_ = true;
  for_each_worker([this](worker_sessions& x) { drain(x); });
}

/// The first worker to call this closes the port right after it has accepted
/// as many as waited. The kernel resets those that come in between.
void http_port::drain(worker_sessions& x) {
  if (x.closed)
    return;
  if (!is_inherited_)
    for (auto& at : x.listening_sockets)
      for (auto n = at.intake.waiting(at.socket); n > 0 && !accept_one(at); --n)
        ;
  stop_listening();
  unwatch(x);
}

bool http_port::has_requests() {
  auto result = std::make_shared<std::atomic<bool>>(false);
  auto ask = [result](worker_sessions& x) {
    if (std::ranges::any_of(x.sessions, &http_session::is_busy))
      *result = true;
  };
  return for_each_worker(ask) && *result;
}

void http_port::close() {
  is_draining_ = true;
  stop_listening();
  if (for_each_worker([this](worker_sessions& x) { close(x); }))
    sockets_.clear();
}

void http_port::unwatch(worker_sessions& x) {
  for (auto& at : x.listening_sockets) {
    x.event_loop.sockets().remove(at.socket, at);
    at.intake.cancel();
  }
}

void http_port::close(worker_sessions& x) {
  x.closed = true;
  x.rescue.unlink();
  unwatch(x);
  while (x.pop_before(worker::time_point::max()))
    ;
  while (!x.sessions.empty()) {
    auto& session = x.sessions.front();
    x.sessions.pop_front();
    session.close();
  }
  while (!x.proxy_sessions.empty()) {
    auto& session = x.proxy_sessions.front();
    x.proxy_sessions.pop_front();
    session.close();
  }
  x.port = nullptr;
}

} // namespace troupe::net
