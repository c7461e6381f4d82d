#include "net/runtime/inherited_sockets.hpp"

#include "base/number.hpp"
#include "net/runtime/environment.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <optional>
#include <utility>

namespace troupe::net {

namespace {

/// Removes and returns the text up to the next ':'.
std::string take_word(std::string& words) {
  auto end = std::min(words.find(':'), words.size());
  auto result = words.substr(0, end);
  words.erase(0, end + 1);
  return result;
}

std::optional<int> option_of(const descriptor& socket, int name) {
  int value = 0;
  socklen_t size = sizeof(value);
  if (::getsockopt(socket.get(), SOL_SOCKET, name, &value, &size) != 0)
    return std::nullopt;
  return value;
}

bool is_listening(const descriptor& socket) {
  constexpr std::array<int, 2> families{AF_INET, AF_INET6};
  auto family = option_of(socket, SO_DOMAIN).value_or(AF_UNSPEC);
  return std::ranges::find(families, family) != families.end()
         && option_of(socket, SO_TYPE) == SOCK_STREAM
         && option_of(socket, SO_ACCEPTCONN) == 1;
}

} // namespace

inherited_sockets::inherited_sockets(int first) {
  auto count = base::parse_number<int>(take_variable("LISTEN_FDS"));
  auto names = take_variable("LISTEN_FDNAMES");
  if (take_variable("LISTEN_PID") != std::to_string(::getpid()))
    return;
  for (int i = 0; i < count.value_or(0); ++i) {
    descriptor socket{first + i};
    auto name = take_word(names);
    if (::fcntl(socket.get(), F_SETFD, FD_CLOEXEC) == 0)
      sockets_.push_back({std::move(name), std::move(socket)});
    else // There is no such descriptor.
      socket.release();
  }
}

inherited_sockets& inherited_sockets::of_process() {
  static inherited_sockets result;
  return result;
}

std::vector<descriptor> inherited_sockets::take(std::string_view name) {
  std::lock_guard guard{mutex_};
  auto is_other = [&](const named_socket& x) { return x.name != name; };
  auto first = std::stable_partition(sockets_.begin(), sockets_.end(),
                                     is_other);
  if (first == sockets_.end())
    first = sockets_.begin();
  std::vector<descriptor> result;
  for (auto i = first; i != sockets_.end(); ++i)
    result.push_back(std::move(i->socket));
  sockets_.erase(first, sockets_.end());
  return result;
}

error_code prepare_to_accept(const descriptor& socket) {
  auto error = [](int code) {
    return error_code{code, boost::system::system_category()};
  };
  if (!is_listening(socket))
    return error(ENOTSUP);
  auto flags = ::fcntl(socket.get(), F_GETFL);
  if (flags < 0 || ::fcntl(socket.get(), F_SETFL, flags | O_NONBLOCK) != 0)
    return error(errno);
  int on = 1;
  if (::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on))
      != 0)
    return error(errno);
  return {};
}

tcp::endpoint local_end(const descriptor& socket, error_code& ec) {
  tcp::endpoint result;
  auto size = static_cast<socklen_t>(result.capacity());
  if (::getsockname(socket.get(), result.data(), &size) != 0)
    ec.assign(errno, boost::system::system_category());
  else
    result.resize(size);
  return result;
}

} // namespace troupe::net
