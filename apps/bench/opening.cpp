#include "opening.hpp"

#include "violation.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <optional>
#include <sys/resource.h>
#include <sys/socket.h>

namespace troupe::bench {

namespace {

/// Key and response of the example in RFC 6455 section 1.3; a fixed pair makes
/// SHA-1 unnecessary.
constexpr std::string_view request_key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view request_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// Seconds without progress after which opening fails.
constexpr double open_timeout = 10;

/// Number of other open files: epoll, standard streams, files of the runtime.
constexpr std::size_t other_files = 64;

std::string upgrade_request(const endpoint& where, const std::string& path) {
  auto host = where.address + ":" + std::to_string(where.port);
  return "GET " + path + " HTTP/1.1\r\nHost: " + host
         + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
         + std::string{request_key}
         + (where.speaks == dialect::troupe_2
              ? "\r\nSec-WebSocket-Protocol: troupe.2"
              : "")
         + "\r\n\r\n";
}

void set(int fd, int level, int option, int value) {
  if (setsockopt(fd, level, option, &value, sizeof(value)) != 0)
    throw_errno("setsockopt");
}

/// Reduces the buffers. Must be called before connecting, since the size of the
/// peer's buffer depends on the segment size.
void make_small(int fd) {
  constexpr auto segment = 1460; // of Ethernet; 65483 on loopback
  set(fd, IPPROTO_TCP, TCP_MAXSEG, segment);
  set(fd, SOL_SOCKET, SO_RCVBUF, 2 * segment);
}

/// Performs several handshakes concurrently.
class opening {
public:
  opening(const std::vector<endpoint>& nodes, std::size_t count,
          std::size_t per_room)
    : nodes_{nodes},
      per_room_{per_room},
      dialed_(count) {
  }

  std::vector<client> run(std::size_t concurrency);

private:
  [[nodiscard]] std::string path_of(std::size_t key) const;
  void dial_next();
  void on_readable(std::uint32_t key);

  const std::vector<endpoint>& nodes_;
  std::size_t per_room_;
  poller io_;
  std::vector<std::optional<handshake>> dialed_;
  std::uint32_t next_ = 0;
  std::size_t ready_ = 0;
};

std::vector<client> opening::run(std::size_t concurrency) {
  auto count = dialed_.size();
  while (ready_ < count) {
    while (next_ < count && next_ - ready_ < concurrency)
      dial_next();
    auto events = io_.wait(open_timeout);
    if (events.empty())
      throw violation{"only " + std::to_string(ready_) + " of "
                      + std::to_string(count) + " connections upgraded"};
    for (const auto& event : events)
      on_readable(event.data.u32);
  }
  std::vector<client> result;
  result.reserve(count);
  for (auto& x : dialed_)
    result.push_back(x->take());
  return result;
}

std::string opening::path_of(std::size_t key) const {
  const auto& path = nodes_.front().path;
  return per_room_ < dialed_.size() ? path + std::to_string(key / per_room_)
                                    : path;
}

void opening::dial_next() {
  auto node = next_ % per_room_ * nodes_.size() / per_room_;
  auto& next = dialed_[next_].emplace(nodes_[node], path_of(next_), next_);
  io_.add(next.fd(), next_++);
}

void opening::on_readable(std::uint32_t key) {
  auto& one = *dialed_[key];
  if (!one.advance())
    return;
  // The connection may receive messages before the others are ready; these are
  // not read here.
  io_.remove(one.fd());
  ++ready_;
}

} // namespace

unique_fd dial(const endpoint& where, buffers held) {
  unique_fd fd{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (fd.get() < 0)
    throw_errno("socket");
  set(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  if (held == buffers::small)
    make_small(fd.get());
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(where.port);
  inet_pton(AF_INET, where.address.c_str(), &address.sin_addr);
  // Blocking, since connecting on loopback does not wait.
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address))
      != 0)
    throw_errno("connect");
  if (fcntl(fd.get(), F_SETFL, O_NONBLOCK) != 0)
    throw_errno("fcntl");
  return fd;
}

// -- handshake ---------------------------------------------------------------

handshake::handshake(const endpoint& where, const std::string& path,
                     std::uint32_t key, buffers held)
  : socket_{dial(where, held), where.protection},
    request_{upgrade_request(where, path)},
    key_{key},
    speaks_{where.speaks} {
  if (where.protection == security::none)
    secure();
}

bool handshake::advance() {
  if (stage_ == stage::securing) {
    secure();
    return false;
  }
  read();
  if (stage_ == stage::upgrading && take_upgrade())
    stage_ = begin_dialect();
  // socket.io: after the greeting of its transport, the client requests the
  // main namespace.
  if (stage_ == stage::greeting && take_packet("0")) {
    send_message("40");
    stage_ = stage::joining;
  }
  auto joined = speaks_ == dialect::troupe_2 ? "h" : "40";
  if (stage_ == stage::joining && take_packet(joined))
    stage_ = stage::ready;
  return stage_ == stage::ready;
}

client handshake::take() {
  return {std::move(socket_), key_, std::move(unread_)};
}

/// Sends the request when the handshake of TLS is over.
void handshake::secure() {
  if (!socket_.advance())
    return;
  send_whole(request_);
  stage_ = stage::upgrading;
}

/// Sends what fits into the buffer of a new socket.
void handshake::send_whole(std::string_view bytes) {
  if (socket_.write(bytes) != bytes.size())
    throw violation{"connection " + std::to_string(key_)
                    + " does not take a request"};
}

void handshake::send_message(std::string_view payload) {
  std::string frame;
  frame_writer{}.append(frame, frame_type::text, payload);
  send_whole(frame);
}

/// Returns what follows the upgrade.
handshake::stage handshake::begin_dialect() {
  switch (speaks_) {
    case dialect::plain:
      return stage::ready;
    case dialect::troupe_2:
      send_message(R"(h{"v":2})");
      return stage::joining;
    default:
      return stage::greeting;
  }
}

void handshake::read() {
  std::array<char, stream::least_buffer> buffer;
  auto n = socket_.read(buffer);
  if (n == 0)
    throw violation{"connection " + std::to_string(key_)
                    + " closed before its upgrade"};
  unread_.append(buffer.data(), n.value_or(0));
}

bool handshake::take_upgrade() {
  auto end = unread_.find("\r\n\r\n");
  if (end == std::string::npos)
    return false;
  auto head = std::string_view{unread_}.substr(0, end);
  if (!head.starts_with("HTTP/1.1 101")
      || head.find(request_accept) == head.npos)
    throw violation{"upgrade refused: "
                    + std::string{head.substr(0, head.find('\r'))}};
  unread_.erase(0, end + 4);
  return true;
}

/// Removes a text frame with a short or medium length whose payload begins with
/// `kind`.
bool handshake::take_packet(std::string_view kind) {
  auto bytes = std::string_view{unread_};
  if (bytes.size() < 4)
    return false;
  auto byte_at = [bytes](std::size_t i) {
    return static_cast<std::size_t>(static_cast<std::uint8_t>(bytes[i]));
  };
  auto header = std::size_t{byte_at(1) < 126 ? 2u : 4u};
  auto size = header == 2 ? byte_at(1) : byte_at(2) << 8 | byte_at(3);
  if (!bytes.substr(header).starts_with(kind))
    throw violation{"connection " + std::to_string(key_)
                    + " got another packet than " + std::string{kind}};
  if (bytes.size() < header + size)
    return false;
  unread_.erase(0, header + size);
  return true;
}

// -- opening many connections -------------------------------------------------

void allow_sockets(std::size_t count, std::optional<pid_t> server) {
  auto wanted = static_cast<rlim_t>(count + other_files);
  auto need = "need " + std::to_string(wanted) + " open files";
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  auto hard = limit.rlim_max;
  limit = {std::max(limit.rlim_cur, wanted), std::max(hard, wanted)};
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
    throw std::runtime_error{need + " and may have " + std::to_string(hard)
                             + ": raise `ulimit -Hn` or take fewer"};
  // A server that raises its own limit has done so by now.
  if (server && prlimit(*server, RLIMIT_NOFILE, nullptr, &limit) == 0
      && limit.rlim_cur < wanted)
    throw std::runtime_error{"the server would " + need + " and may have "
                             + std::to_string(limit.rlim_cur)
                             + ": `ulimit -n` before it starts, or take fewer"};
}

std::vector<client> open_clients(const std::vector<endpoint>& nodes,
                                 std::size_t count, std::size_t per_room,
                                 std::size_t concurrency) {
  return opening{nodes, count, per_room}.run(concurrency);
}

client open_slow_client(const endpoint& where, std::uint32_t key) {
  handshake one{where, where.path, key, buffers::small};
  poller io;
  io.add(one.fd(), key);
  while (!one.advance())
    if (io.wait(open_timeout).empty())
      throw violation{"the slow connection was not upgraded"};
  return one.take();
}

std::vector<client> open_clients(const endpoint& where, std::size_t count,
                                 std::size_t concurrency) {
  return open_clients({where}, count, count, concurrency);
}

} // namespace troupe::bench
