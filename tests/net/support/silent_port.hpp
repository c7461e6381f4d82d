#pragma once

#include "net/runtime/socket.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdint>
#include <string>

#include <netinet/in.h>
#include <sys/socket.h>

namespace troupe::test {

/// Listens and accepts connections, but never sends anything.
class silent_port {
public:
  /// @param backlog passed to `listen`; one more connection may wait.
  explicit silent_port(int backlog = 16)
    : socket_{::socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* address = reinterpret_cast<sockaddr*>(&where);
    socklen_t size = sizeof(where);
    CAF_REQUIRE(::bind(socket_.get(), address, size) == 0);
    CAF_REQUIRE(::listen(socket_.get(), backlog) == 0);
    ::getsockname(socket_.get(), address, &size);
    port_ = ntohs(where.sin_port);
  }

  uint16_t port() const {
    return port_;
  }

  std::string address() const {
    return "127.0.0.1:" + std::to_string(port_);
  }

  /// Accepts the next connection and returns its first `size` bytes.
  std::string overhear(size_t size) {
    net::descriptor peer{::accept(socket_.get(), nullptr, nullptr)};
    std::string result(size, '\0');
    auto got = ::recv(peer.get(), result.data(), size, MSG_WAITALL);
    CAF_REQUIRE_EQUAL(got, static_cast<ssize_t>(size));
    return result;
  }

private:
  net::descriptor socket_;
  uint16_t port_ = 0;
};

} // namespace troupe::test
