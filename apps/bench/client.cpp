#include "client.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <netinet/tcp.h>
#include <optional>
#include <sys/resource.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace troupe::bench {

namespace {

/// Key and answer of the example in RFC 6455 section 1.3: a fixed pair spares
/// us SHA-1.
constexpr std::string_view request_key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view request_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// No progress for so many seconds ends the opening.
constexpr double open_timeout = 10;

constexpr std::size_t files_besides_sockets = 64;

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

void raise_file_limit(std::size_t sockets) {
  rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  auto wanted = static_cast<rlim_t>(sockets + files_besides_sockets);
  if (limit.rlim_cur >= wanted)
    return;
  limit.rlim_cur = wanted;
  limit.rlim_max = std::max(limit.rlim_max, wanted);
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
    throw_errno("cannot raise the limit of open files");
}

std::string upgrade_request(const endpoint& where) {
  auto host = where.address + ":" + std::to_string(where.port);
  return "GET " + where.path + " HTTP/1.1\r\nHost: " + host
         + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
         + std::string{request_key} + "\r\n\r\n";
}

/// Connects, blocking since loopback connects at once, and sends the request.
unique_fd dial(const endpoint& where) {
  unique_fd fd{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (fd.get() < 0)
    throw_errno("socket");
  auto on = 1;
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(where.port);
  inet_pton(AF_INET, where.address.c_str(), &address.sin_addr);
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address))
      != 0)
    throw_errno("connect");
  auto request = upgrade_request(where);
  if (send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL)
      != static_cast<ssize_t>(request.size()))
    throw_errno("send of the upgrade request");
  return fd;
}

/// Connections on their way from dialled to upgraded.
class opening {
public:
  opening(const endpoint& where, std::size_t count)
    : where_{where},
      dialled_(count),
      ready_(count) {
  }

  std::vector<client> run(std::size_t concurrency);

private:
  struct handshake {
    unique_fd fd;
    std::string answer;
  };

  void dial_next();
  void on_readable(std::uint32_t key);
  void finish(std::uint32_t key, std::size_t head_size);

  const endpoint& where_;
  poller io_;
  std::vector<handshake> dialled_;
  std::vector<std::optional<client>> ready_;
  std::uint32_t next_ = 0;
  std::size_t upgraded_ = 0;
};

std::vector<client> opening::run(std::size_t concurrency) {
  auto count = dialled_.size();
  while (upgraded_ < count) {
    while (next_ < count && next_ - upgraded_ < concurrency)
      dial_next();
    auto events = io_.wait(open_timeout);
    if (events.empty())
      throw violation{"only " + std::to_string(upgraded_) + " of "
                      + std::to_string(count) + " connections upgraded"};
    for (const auto& event : events)
      on_readable(event.data.u32);
  }
  std::vector<client> result;
  result.reserve(count);
  for (auto& x : ready_)
    result.push_back(std::move(*x));
  return result;
}

void opening::dial_next() {
  auto& fd = dialled_[next_].fd;
  fd = dial(where_);
  io_.add(fd.get(), next_++);
}

void opening::on_readable(std::uint32_t key) {
  auto& [fd, answer] = dialled_[key];
  std::array<char, 4096> buffer;
  auto n = recv(fd.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (n < 0 && would_block())
    return;
  if (n <= 0)
    throw violation{"connection " + std::to_string(key)
                    + " closed before its upgrade"};
  answer.append(buffer.data(), static_cast<std::size_t>(n));
  if (auto end = answer.find("\r\n\r\n"); end != std::string::npos)
    finish(key, end + 4);
}

void opening::finish(std::uint32_t key, std::size_t head_size) {
  auto& [fd, answer] = dialled_[key];
  std::string_view head{answer.data(), head_size};
  if (!head.starts_with("HTTP/1.1 101")
      || head.find(request_accept) == head.npos)
    throw violation{"upgrade refused: "
                    + std::string{head.substr(0, head.find('\r'))}};
  // It may speak before the others are there: not to be read here.
  io_.remove(fd.get());
  ready_[key].emplace(std::move(fd), key, answer.substr(head_size));
  ++upgraded_;
}

} // namespace

unique_fd::~unique_fd() {
  if (fd_ >= 0)
    ::close(fd_);
}

// -- poller ------------------------------------------------------------------

poller::poller() : fd_{epoll_create1(EPOLL_CLOEXEC)}, events_(1024) {
  if (fd_.get() < 0)
    throw_errno("epoll_create1");
}

void poller::add(int fd, std::uint32_t key) {
  control(EPOLL_CTL_ADD, fd, EPOLLIN, key);
}

void poller::remove(int fd) {
  control(EPOLL_CTL_DEL, fd, 0, 0);
}

void poller::watch_writes(int fd, std::uint32_t key, bool on) {
  control(EPOLL_CTL_MOD, fd, on ? EPOLLIN | EPOLLOUT : EPOLLIN, key);
}

std::span<const epoll_event> poller::wait(double timeout) {
  auto milliseconds = static_cast<int>(std::ceil(std::max(timeout, 0.) * 1e3));
  auto n = epoll_wait(fd_.get(), events_.data(),
                      static_cast<int>(events_.size()), milliseconds);
  if (n < 0 && errno != EINTR)
    throw_errno("epoll_wait");
  return {events_.data(), static_cast<std::size_t>(std::max(n, 0))};
}

void poller::control(int operation, int fd, std::uint32_t events,
                     std::uint32_t key) {
  epoll_event event{};
  event.events = events;
  event.data.u32 = key;
  if (epoll_ctl(fd_.get(), operation, fd, &event) != 0)
    throw_errno("epoll_ctl");
}

// -- endpoint ----------------------------------------------------------------

endpoint endpoint::parse(std::string_view url) {
  constexpr std::string_view scheme = "ws://";
  auto colon = url.find(':', scheme.size());
  auto slash = url.find('/', scheme.size());
  if (!url.starts_with(scheme) || colon == url.npos || slash == url.npos
      || slash < colon)
    throw std::invalid_argument{"--url must be ws://ADDRESS:PORT/PATH"};
  endpoint result;
  result.address = url.substr(scheme.size(), colon - scheme.size());
  result.path = url.substr(slash);
  in_addr ignored;
  auto port = url.substr(colon + 1, slash - colon - 1);
  auto end = port.data() + port.size();
  auto [parsed, error] = std::from_chars(port.data(), end, result.port);
  if (error != std::errc{} || parsed != end
      || inet_pton(AF_INET, result.address.c_str(), &ignored) != 1)
    throw std::invalid_argument{"--url needs an IPv4 address and a port"};
  return result;
}

// -- client ------------------------------------------------------------------

std::string_view client::read(std::span<char> buffer) {
  auto kept = unread_.size();
  std::copy(unread_.begin(), unread_.end(), buffer.begin());
  unread_.clear();
  auto n = recv(fd(), buffer.data() + kept, buffer.size() - kept, MSG_DONTWAIT);
  if (n == 0 || (n < 0 && !would_block()))
    throw violation{"connection " + std::to_string(key_)
                    + " closed by the server"};
  return {buffer.data(),
          kept + static_cast<std::size_t>(std::max(n, ssize_t{0}))};
}

void client::send(std::string_view bytes, poller& io) {
  if (!unsent_.empty()) {
    unsent_ += bytes;
    return;
  }
  auto n = ::send(fd(), bytes.data(), bytes.size(),
                  MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n < 0 && !would_block())
    throw_errno("send");
  bytes.remove_prefix(static_cast<std::size_t>(std::max(n, ssize_t{0})));
  if (bytes.empty())
    return;
  unsent_ = bytes;
  io.watch_writes(fd(), key_, true);
}

void client::flush(poller& io) {
  auto bytes = std::exchange(unsent_, {});
  io.watch_writes(fd(), key_, false);
  send(bytes, io);
}

bool client::take_control(std::string_view& bytes, poller& io) {
  if (bytes.size() < 2)
    return false;
  auto type = static_cast<frame_type>(bytes[0]);
  auto size = static_cast<std::size_t>(static_cast<std::uint8_t>(bytes[1]));
  if (type != frame_type::ping && type != frame_type::pong)
    throw violation{
      "connection " + std::to_string(key_) + " got "
      + (type == frame_type::close ? "a close frame" : "an unexpected frame")};
  if (bytes.size() < 2 + size)
    return false;
  if (type == frame_type::ping) {
    std::string answer;
    writer_.append(answer, frame_type::pong, bytes.substr(2, size));
    send(answer, io);
  }
  bytes.remove_prefix(2 + size);
  return true;
}

void client::say_goodbye(poller& io) {
  std::string frame;
  writer_.append(frame, frame_type::close, "\x03\xe8"); // 1000: normal
  send(frame, io);
}

std::vector<client> open_clients(const endpoint& where, std::size_t count,
                                 std::size_t concurrency) {
  raise_file_limit(count);
  return opening{where, count}.run(concurrency);
}

} // namespace troupe::bench
