#include "delay_line.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe::bench {

namespace {

using namespace std::chrono_literals;

constexpr size_t read_size = 256 * 1024;

/// Maximum number of bytes in transit in one direction; beyond it, nothing is
/// read.
constexpr size_t capacity = size_t{512} << 20;

sockaddr_in loopback(uint16_t port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  result.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return result;
}

unique_fd make_socket() {
  unique_fd result{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (result.get() < 0)
    throw_errno("socket");
  return result;
}

const sockaddr* generic(const sockaddr_in& x) {
  return reinterpret_cast<const sockaddr*>(&x);
}

unique_fd listen_anywhere() {
  auto result = make_socket();
  auto address = loopback(0);
  if (bind(result.get(), generic(address), sizeof(address)) != 0
      || listen(result.get(), 16) != 0)
    throw_errno("listen");
  return result;
}

uint16_t port_of(const unique_fd& x) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  if (getsockname(x.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw_errno("getsockname");
  return ntohs(address.sin_port);
}

/// Makes the socket non-blocking and disables Nagle's algorithm.
void prepare(const unique_fd& x) {
  int on = 1;
  setsockopt(x.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  fcntl(x.get(), F_SETFL, fcntl(x.get(), F_GETFL) | O_NONBLOCK);
}

} // namespace

delay_line::delay_line(uint16_t to, clock::duration delay)
  : delay_{delay},
    to_{to},
    listener_{listen_anywhere()} {
  port_ = port_of(listener_);
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    throw_errno("pipe2");
  stop_reader_ = unique_fd{ends[0]};
  stop_writer_ = unique_fd{ends[1]};
  thread_ = std::thread{[this] { run(); }};
}

delay_line::~delay_line() {
  stop_writer_ = unique_fd{};
  thread_.join();
}

void delay_line::run() {
  for (;;) {
    auto fds = wanted();
    auto time
      = std::chrono::duration_cast<std::chrono::nanoseconds>(patience());
    timespec limit{time / 1s, (time % 1s).count()};
    if (ppoll(fds.data(), fds.size(), &limit, nullptr) < 0)
      throw_errno("ppoll");
    if (fds[0].revents != 0)
      return;
    auto* i = &fds[2];
    auto has = [](const pollfd& x, int what) {
      return (x.revents & (what | POLLERR | POLLHUP)) != 0;
    };
    for (auto& x : connections_) {
      serve(x.out, has(i[0], POLLIN), has(i[1], POLLOUT));
      serve(x.back, has(i[1], POLLIN), has(i[0], POLLOUT));
      i += 2;
    }
    if (fds[1].revents != 0)
      accept();
    connections_.remove_if([](const connection& x) {
      return x.out.has_ended && x.back.has_ended && x.out.pieces.empty()
             && x.back.pieces.empty();
    });
  }
}

/// Returns the stop pipe, the listener, and both sockets of each connection.
std::vector<pollfd> delay_line::wanted() const {
  std::vector<pollfd> result{{stop_reader_.get(), POLLIN, 0},
                             {listener_.get(), POLLIN, 0}};
  auto events = [](const direction& reads, const direction& writes) {
    auto in = !reads.has_ended && reads.size < capacity ? POLLIN : 0;
    return static_cast<short>(in | (writes.is_blocked ? POLLOUT : 0));
  };
  // A socket without events is excluded, since poll would report its hang-up
  // continuously.
  auto add = [&](int fd, short what) {
    result.push_back({what == 0 ? -1 : fd, what, 0});
  };
  for (const auto& x : connections_) {
    add(x.here.get(), events(x.out, x.back));
    add(x.there.get(), events(x.back, x.out));
  }
  return result;
}

/// Returns the time until the next piece is due.
delay_line::clock::duration delay_line::patience() const {
  auto now = clock::now();
  clock::duration result = 1s;
  for (const auto& x : connections_)
    for (const auto* y : {&x.out, &x.back})
      if (!y->pieces.empty() && !y->is_blocked)
        result = std::min(result, y->pieces.front().due - now);
  return std::max(result, clock::duration::zero());
}

void delay_line::serve(direction& x, bool is_readable, bool is_writable) {
  if (is_readable && !x.has_ended)
    read(x);
  if (is_writable)
    x.is_blocked = false;
  if (!x.is_blocked)
    write(x);
}

void delay_line::accept() {
  connection x{
    .here = unique_fd{accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)},
    .there = make_socket(),
    .out = {},
    .back = {}};
  auto address = loopback(to_);
  if (x.here.get() < 0
      || connect(x.there.get(), generic(address), sizeof(address)) != 0)
    return;
  prepare(x.here);
  prepare(x.there);
  x.out.from = x.back.to = x.here.get();
  x.out.to = x.back.from = x.there.get();
  connections_.push_back(std::move(x));
}

void delay_line::read(direction& x) {
  std::string bytes(read_size, '\0');
  auto size = ::read(x.from, bytes.data(), bytes.size());
  if (size < 0 && would_block())
    return;
  x.has_ended = size <= 0;
  bytes.resize(static_cast<size_t>(std::max<ssize_t>(size, 0)));
  bytes.shrink_to_fit();
  x.size += bytes.size();
  x.pieces.push_back({clock::now() + delay_, std::move(bytes)});
}

void delay_line::write(direction& x) {
  while (!x.pieces.empty() && x.pieces.front().due <= clock::now()) {
    const auto& bytes = x.pieces.front().bytes;
    auto rest = bytes.size() - x.written;
    auto size = send(x.to, bytes.data() + x.written, rest, MSG_NOSIGNAL);
    if (size < 0 && would_block()) {
      x.is_blocked = true;
      return;
    }
    if (size < 0 || bytes.empty())
      shutdown(x.to, SHUT_WR);
    else
      x.written += static_cast<size_t>(size);
    if (size >= 0 && x.written < bytes.size())
      continue;
    x.size -= bytes.size();
    x.written = 0;
    x.pieces.pop_front();
  }
}

} // namespace troupe::bench
