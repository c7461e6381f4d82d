#include "net/runtime/dialer.hpp"

#include <boost/asio/post.hpp>

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace troupe::net {

namespace {

/// Looks up `host`; may block for any time.
dialer::addresses resolve(const std::string& host, error_code& ec) {
  asio::io_context io;
  asio::ip::basic_resolver<tcp, io_executor> resolver{io};
  dialer::addresses result;
  for (const auto& x : resolver.resolve(host, "", ec))
    result.push_back(x.endpoint().address());
  return result;
}

} // namespace

struct dialer::call {
  call(asio::io_context& io, uint16_t p, endpoints xs, receiver f)
    : socket{io},
      deadline{io},
      port{p},
      except{std::move(xs)},
      then{std::move(f)} {
  }

  void add(const asio::ip::address& x) {
    tcp::endpoint result{x, port};
    if (std::find(except.begin(), except.end(), result) == except.end())
      where.push_back(result);
  }

  tcp_socket socket;
  io_timer deadline;
  uint16_t port;
  endpoints except;
  receiver then; ///< Empty when the call is done.
  endpoints where;
  size_t next = 0;
  std::string why = "no address";
};

/// Where the threads that look up names leave what they have found. They may
/// outlive the dialer.
struct dialer::mailbox {
  std::mutex mutex;
  asio::io_context* io; ///< Null when the dialer is closed.
};

dialer::dialer(asio::io_context& io, std::chrono::milliseconds patience,
               resolver resolve, std::chrono::milliseconds time,
               lookup_threads threads)
  : io_{io},
    patience_{patience},
    resolve_{resolve ? std::move(resolve) : net::resolve},
    time_{time},
    mailbox_{std::make_shared<mailbox>()},
    threads_{std::move(threads)} {
  mailbox_->io = &io;
}

dialer::~dialer() {
  close();
}

void dialer::dial(const std::string& host, uint16_t port, endpoints except,
                  receiver then) {
  auto x = std::make_shared<call>(io_, port, std::move(except),
                                  std::move(then));
  calls_.push_back(x);
  x->deadline.expires_after(time_);
  x->deadline.async_wait([this, x](error_code ec) {
    if (!ec && x->then)
      finish(x, "no answer in time");
  });
  error_code ec;
  auto address = asio::ip::make_address(host, ec);
  if (ec)
    return look_up(x, host);
  x->add(address);
  post(x);
}

void dialer::close(const std::string& why) {
  while (!calls_.empty())
    finish(calls_.front(), why);
  std::lock_guard guard{mailbox_->mutex};
  mailbox_->io = nullptr;
}

void dialer::look_up(const call_ptr& x, const std::string& host) {
  // The thread must not own the call, whose last reference is released on this
  // thread.
  std::weak_ptr<call> weak{x};
  auto job = [this, weak, host, resolve = resolve_, shared = mailbox_] {
    if (weak.expired())
      return;
    error_code ec;
    auto found = resolve(host, ec);
    std::lock_guard guard{shared->mutex};
    if (shared->io == nullptr)
      return;
    asio::post(*shared->io, [this, weak, found = std::move(found), ec] {
      auto self = weak.lock();
      if (self == nullptr || !self->then)
        return;
      for (const auto& y : found)
        self->add(y);
      if (ec)
        self->why = ec.message();
      connect_next(self);
    });
  };
  if (threads_.run(std::move(job)))
    return;
  x->why = "too many names are being looked up";
  post(x);
}

/// Calls `connect_next` later. The dialer may be gone by then; its calls are
/// done in this case.
void dialer::post(const call_ptr& x) {
  asio::post(io_, [this, x] {
    if (x->then)
      connect_next(x);
  });
}

void dialer::connect_next(const call_ptr& x) {
  if (x->next == x->where.size())
    return finish(x, x->why);
  const auto& where = x->where[x->next++];
  error_code ec;
  close_and_forget(x->socket);
  x->socket.open(where.protocol(), ec);
  if (ec) {
    x->why = ec.message();
    return connect_next(x);
  }
  x->socket.async_connect(where, [this, x](error_code failure) {
    if (!x->then)
      return;
    if (!failure)
      return finish(x, {});
    x->why = failure.message();
    connect_next(x);
  });
}

/// Takes a copy, since `x` may refer to the element in `calls_`.
void dialer::finish(call_ptr x, const std::string& why) {
  calls_.remove(x);
  x->deadline.cancel();
  auto then = std::exchange(x->then, nullptr);
  if (!why.empty()) {
    close_and_forget(x->socket);
    return then({}, why);
  }
  error_code ec;
  x->socket.set_option(tcp::no_delay{true}, ec);
  descriptor socket{x->socket.release(ec)};
  set_patience(socket, patience_);
  then(std::move(socket), {});
}

} // namespace troupe::net
