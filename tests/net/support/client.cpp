#include "net/support/client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <strings.h>
#include <utility>

namespace troupe::test {

namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error("client: " + what + ": " + std::strerror(errno));
}

sockaddr_storage address_of(const char* text, uint16_t port, socklen_t& size) {
  sockaddr_storage result{};
  auto& v4 = reinterpret_cast<sockaddr_in&>(result);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(result);
  if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    size = sizeof(v4);
  } else if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    size = sizeof(v6);
  } else {
    fail("no address");
  }
  return result;
}

uint64_t big_endian(std::string_view bytes) {
  uint64_t result = 0;
  for (auto x : bytes)
    result = result << 8 | static_cast<unsigned char>(x);
  return result;
}

} // namespace

uint16_t client::frame::code() const {
  return payload.size() < 2
           ? uint16_t{1005}
           : static_cast<uint16_t>(big_endian(payload.substr(0, 2)));
}

std::string client::frame::reason() const {
  return payload.size() < 2 ? "" : payload.substr(2);
}

std::optional<client_tls::settings> client::tls_by_default;

client::client(uint16_t port, const char* address, int receive_buffer,
               const char* from) {
  socklen_t size = 0;
  auto where = address_of(address, port, size);
  fd_ = ::socket(where.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  timeval patience{5, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  if (receive_buffer > 0)
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer,
                 sizeof(receive_buffer));
  if (from != nullptr) {
    auto here = address_of(from, 0, size);
    if (::bind(fd_, reinterpret_cast<sockaddr*>(&here), size) != 0)
      fail("bind");
  }
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&where), size) != 0)
    fail("connect");
  if (tls_by_default && !start_tls(*tls_by_default))
    fail("TLS");
}

client::~client() {
  if (fd_ >= 0)
    ::close(fd_);
}

client::client(client&& other) noexcept
  : fd_{std::exchange(other.fd_, -1)},
    tls_{std::move(other.tls_)},
    input_{std::move(other.input_)} {
}

bool client::is_quiet() {
  if (tls_)
    return tls_->is_quiet();
  char ignored = 0;
  return ::recv(fd_, &ignored, 1, MSG_PEEK | MSG_DONTWAIT) < 0
         && errno == EAGAIN;
}

void client::send(std::string_view bytes) {
  if (!try_send(bytes))
    fail("send");
}

bool client::try_send(std::string_view bytes) {
  while (!bytes.empty()) {
    auto n = tls_ ? tls_->send(bytes)
                  : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0)
      return false;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

bool client::start_tls(const client_tls::settings& how) {
  tls_ = std::make_unique<client_tls>(fd_, how);
  return tls_->shake_hands();
}

ssize_t client::receive(char* to, size_t size) {
  return tls_ ? tls_->receive(to, size) : ::recv(fd_, to, size, 0);
}

void client::fill(size_t size) {
  while (input_.size() < size) {
    std::array<char, 16384> buf;
    auto n = receive(buf.data(), buf.size());
    if (n < 0)
      fail("recv");
    if (n == 0)
      throw std::runtime_error("client: closed after '" + input_ + "'");
    input_.append(buf.data(), static_cast<size_t>(n));
  }
}

std::string client::read(size_t size) {
  fill(size);
  auto result = input_.substr(0, size);
  input_.erase(0, size);
  return result;
}

std::string client::read_until(std::string_view end) {
  for (;;) {
    if (auto pos = input_.find(end); pos != input_.npos)
      return read(pos + end.size());
    fill(input_.size() + 1);
  }
}

std::string client::read_all() {
  for (;;) {
    std::array<char, 16384> buf;
    auto n = receive(buf.data(), buf.size());
    if (n < 0 && errno != ECONNRESET)
      fail("recv");
    if (n <= 0)
      return std::exchange(input_, {});
    input_.append(buf.data(), static_cast<size_t>(n));
  }
}

void client::finish() {
  ::shutdown(fd_, SHUT_WR);
}

void client::reset() {
  linger x{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &x, sizeof(x));
  ::close(std::exchange(fd_, -1));
}

std::string client::ask(std::string_view head) {
  send(std::string{head} + "\r\n");
  return read_until("\r\n\r\n");
}

std::string client::get(std::string_view path, std::string_view fields) {
  auto head = ask("GET " + std::string{path}
                  + " HTTP/1.1\r\nHost: localhost\r\n" + std::string{fields});
  if (status(head) == "304")
    return head;
  return head + read(std::stoul(field(head, "Content-Length")));
}

std::string client::upgrade(std::string_view path, std::string_view fields) {
  return ask(handshake(path, fields));
}

void client::send_frame(int opcode, std::string_view payload, bool fin) {
  send(masked_frame(opcode, payload, fin));
}

void client::send_text(std::string_view payload) {
  send_frame(1, payload);
}

void client::send_close(uint16_t code, std::string_view reason) {
  std::string payload;
  payload += static_cast<char>(code >> 8);
  payload += static_cast<char>(code & 255);
  payload += reason;
  send_frame(8, payload);
}

client::frame client::read_frame() {
  auto head = read(2);
  frame result;
  result.fin = (head[0] & 0x80) != 0;
  result.rsv1 = (head[0] & 0x40) != 0;
  result.opcode = head[0] & 0x0f;
  auto size = static_cast<uint64_t>(head[1] & 0x7f);
  if (size == 126)
    size = big_endian(read(2));
  else if (size == 127)
    size = big_endian(read(8));
  result.payload = read(size);
  return result;
}

client::frame client::read_message() {
  for (;;)
    if (auto x = read_frame(); x.opcode != 9)
      return x;
}

std::string handshake(std::string_view path, std::string_view fields) {
  return "GET " + std::string{path}
         + " HTTP/1.1\r\n"
           "Host: localhost\r\n"
           "Upgrade: websocket\r\n"
           "Connection: keep-alive, Upgrade\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
           "Sec-WebSocket-Version: 13\r\n"
         + std::string{fields};
}

std::string status(std::string_view head) {
  return head.size() < 12 ? "" : std::string{head.substr(9, 3)};
}

std::string field(std::string_view head, std::string_view name) {
  for (size_t pos = head.find("\r\n"); pos != head.npos;
       pos = head.find("\r\n", pos)) {
    pos += 2;
    auto line = head.substr(pos, head.find("\r\n", pos) - pos);
    if (line.size() > name.size() && line[name.size()] == ':'
        && strncasecmp(line.data(), name.data(), name.size()) == 0)
      return std::string{
        line.substr(line.find_first_not_of(' ', name.size() + 1))};
  }
  return "";
}

} // namespace troupe::test
