#include "net/http_port.hpp"

#include "troupe/error.hpp"
#include "troupe/log.hpp"

#include <boost/asio/post.hpp>

#include <sys/socket.h>

#include <cerrno>
#include <future>
#include <sstream>
#include <string>
#include <utility>

namespace troupe::net {

using namespace std::chrono_literals;

namespace {

/// Many clients may connect at once; the kernel cuts this to its own limit.
constexpr int backlog = 4096;

/// So many connections at once, then others get their turn.
constexpr size_t max_accepts = 64;

/// How long to leave an acceptor alone that has failed: nothing else helps when
/// the process has no file descriptors left.
constexpr auto pause_time = 100ms;

/// Other addresses of the host may work.
bool is_lack_of_address(error_code ec) {
  return ec == asio::error::address_family_not_supported
         || ec == error_code{EADDRNOTAVAIL, boost::system::system_category()};
}

} // namespace

http_port::http_port(listener_config cfg, net::routes routes,
                     const workers& homes)
  : settings_{std::move(cfg)},
    routes_{std::move(routes)},
    branches_(homes.size()) {
  for (size_t i = 0; i < homes.size(); ++i)
    branches_[i].home = homes[i];
}

http_port::~http_port() = default;

// -- opening ------------------------------------------------------------------

caf::expected<uint16_t> http_port::open() {
  error_code ec;
  auto where = resolve(ec);
  if (!ec)
    ec = open_all(std::move(where));
  if (ec) {
    std::ostringstream out;
    out << settings_.host << " port " << settings_.port << ": " << ec.message();
    return make_error(errc::cannot_listen, out.str());
  }
  auto result = doors_.front().acceptor.local_endpoint().port();
  asio::post(branches_.front().home->io(), [self = shared_from_this()] {
    for (auto& x : self->doors_)
      self->wait(x);
  });
  return result;
}

auto http_port::resolve(error_code& ec) const -> endpoints {
  asio::ip::basic_resolver<tcp, io_executor> resolver{
    branches_.front().home->io()};
  auto found = resolver.resolve(settings_.host, std::to_string(settings_.port),
                                tcp::resolver::passive, ec);
  endpoints result;
  for (const auto& x : found)
    result.push_back(x.endpoint());
  return result;
}

/// All addresses get the same port, the one that the first of them got.
error_code http_port::open_all(endpoints where) {
  error_code result = asio::error::host_not_found;
  for (auto& x : where) {
    if (!doors_.empty())
      x.port(doors_.front().acceptor.local_endpoint().port());
    result = open_one(x);
    if (result && !is_lack_of_address(result)) {
      doors_.clear();
      return result;
    }
  }
  return doors_.empty() ? result : error_code{};
}

error_code http_port::open_one(const tcp::endpoint& where) {
  auto& io = branches_.front().home->io();
  door x{tcp_acceptor{io}, worker::timer{io}};
  auto ec = listen_at(x.acceptor, where, backlog);
  if (!ec)
    doors_.push_back(std::move(x));
  return ec;
}

// -- accepting ----------------------------------------------------------------

void http_port::wait(door& at) {
  at.acceptor.async_wait(tcp_acceptor::wait_read,
                         [self = shared_from_this(), &at](error_code) {
                           if (!self->branches_.front().closed)
                             self->accept_all(at);
                         });
}

/// By plain system calls: Asio would register each socket, which then moves to
/// another poller.
void http_port::accept_all(door& at) {
  for (size_t i = 0; i < max_accepts; ++i) {
    tcp::endpoint peer;
    auto size = static_cast<socklen_t>(peer.capacity());
    descriptor socket{::accept4(at.acceptor.native_handle(), peer.data(), &size,
                                SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (socket.get() < 0 && errno == EAGAIN)
      break;
    if (socket.get() < 0 && errno == ECONNABORTED)
      continue; // gone already
    if (socket.get() < 0)
      return pause(at, {errno, boost::system::system_category()});
    at.failing = false;
    peer.resize(size);
    hand_over(std::move(socket), peer);
  }
  wait(at);
}

void http_port::hand_over(descriptor socket, const tcp::endpoint& peer) {
  auto& to = next_branch();
  if (to.home->is_current())
    welcome(to, std::move(socket), peer);
  else
    asio::post(to.home->io(), [self = shared_from_this(), &to, peer,
                               socket = std::move(socket)]() mutable {
      self->welcome(to, std::move(socket), peer);
    });
}

void http_port::pause(door& at, error_code why) {
  if (!std::exchange(at.failing, true))
    log(log_level::warning, "cannot accept connections: " + why.message());
  at.pause.expires_after(pause_time);
  at.pause.async_wait([self = shared_from_this(), &at](error_code ec) {
    if (!ec && !self->branches_.front().closed)
      self->wait(at);
  });
}

void http_port::welcome(branch& to, descriptor socket,
                        const tcp::endpoint& peer) {
  if (to.closed)
    return;
  auto session = std::make_shared<http_session>(std::move(socket), peer,
                                                *to.home, shared_from_this());
  to.sessions.push_back(*session);
  session->start();
}

auto http_port::next_branch() noexcept -> branch& {
  return branches_[next_++ % branches_.size()];
}

// -- closing ------------------------------------------------------------------

void http_port::close() {
  std::vector<std::future<void>> all;
  for (auto& x : branches_) {
    std::packaged_task<void()> task{[this, &x] { close(x); }};
    all.push_back(task.get_future());
    asio::post(x.home->io(), [self = shared_from_this(),
                              task = std::move(task)]() mutable { task(); });
  }
  for (auto& x : all)
    x.wait();
}

void http_port::close(branch& x) {
  x.closed = true;
  if (&x == &branches_.front())
    for (auto& at : doors_) {
      error_code ignored;
      at.acceptor.close(ignored);
      at.pause.cancel();
    }
  while (!x.sessions.empty()) {
    auto& session = x.sessions.front();
    x.sessions.pop_front();
    session.close();
  }
}

} // namespace troupe::net
