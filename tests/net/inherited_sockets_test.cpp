#define CAF_SUITE net.inherited_sockets

#include "net/runtime/inherited_sockets.hpp"

#include "net/support/silent_port.hpp"
#include "net/support/socket_stage.hpp"
#include "net/support/variables.hpp"
#include "troupe/error.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdlib>
#include <string>
#include <vector>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace troupe;
using namespace troupe::test;

namespace {

/// The lowest descriptor that a test passes on; no test opens so many.
constexpr int first = 500;

net::descriptor listening_socket() {
  net::descriptor result{::socket(AF_INET, SOCK_STREAM, 0)};
  CAF_REQUIRE(::listen(result.get(), 10) == 0); // at any free port
  return result;
}

uint16_t port_of(const net::descriptor& x) {
  net::error_code ec;
  return net::local_end(x, ec).port();
}

struct fixture : variables, socket_stage {
  /// Passes copies of `sockets` on, as a service manager does.
  void pass_on(const std::vector<net::descriptor>& sockets,
               const std::string& names, int pid = ::getpid()) {
    auto number = first;
    for (const auto& x : sockets)
      CAF_REQUIRE(::dup2(x.get(), number++) >= 0);
    set("LISTEN_FDS", std::to_string(sockets.size()));
    set("LISTEN_FDNAMES", names);
    set("LISTEN_PID", std::to_string(pid));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(inherited_sockets_tests, fixture)

// -- taking over --------------------------------------------------------------

CAF_TEST(sockets are taken by their names) {
  std::vector<net::descriptor> ours;
  for (int i = 0; i < 3; ++i)
    ours.push_back(listening_socket());
  pass_on(ours, "http:other:http");
  net::inherited_sockets inherited{first};
  auto http = inherited.take("http");
  CAF_REQUIRE_EQUAL(http.size(), 2u);
  CAF_CHECK_EQUAL(port_of(http[0]), port_of(ours[0]));
  CAF_CHECK_EQUAL(port_of(http[1]), port_of(ours[2]));
  auto other = inherited.take("other");
  CAF_REQUIRE_EQUAL(other.size(), 1u);
  CAF_CHECK_EQUAL(port_of(other[0]), port_of(ours[1]));
  CAF_CHECK(inherited.take("http").empty());
}

CAF_TEST(sockets with other names or none are taken together) {
  for (auto names : {"", "my.socket:my.socket"}) {
    std::vector<net::descriptor> ours;
    ours.push_back(listening_socket());
    ours.push_back(listening_socket());
    pass_on(ours, names);
    net::inherited_sockets inherited{first};
    CAF_CHECK_EQUAL(inherited.take("http").size(), 2u);
    CAF_CHECK(inherited.take("http").empty());
  }
}

CAF_TEST(sockets of another process are left alone) {
  std::vector<net::descriptor> ours;
  ours.push_back(listening_socket());
  pass_on(ours, "http", ::getppid());
  CAF_CHECK(net::inherited_sockets{first}.take("http").empty());
  CAF_CHECK_EQUAL(::close(first), 0); // still open
}

CAF_TEST(child processes inherit neither sockets nor variables) {
  std::vector<net::descriptor> ours;
  ours.push_back(listening_socket());
  pass_on(ours, "http");
  auto sockets = net::inherited_sockets{first}.take("http");
  CAF_REQUIRE_EQUAL(sockets.size(), 1u);
  CAF_CHECK_EQUAL(::fcntl(sockets[0].get(), F_GETFD), FD_CLOEXEC);
  for (auto name : {"LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PID"})
    CAF_CHECK(std::getenv(name) == nullptr);
}

CAF_TEST(a number without sockets has no effect) {
  for (auto count : {"3", "x", "-1", ""}) {
    pass_on({}, "http");
    set("LISTEN_FDS", count);
    CAF_CHECK(net::inherited_sockets{first}.take("http").empty());
  }
}

// -- accepting ----------------------------------------------------------------

CAF_TEST(a listening socket becomes one that does not block) {
  auto socket = listening_socket();
  CAF_CHECK(!net::prepare_to_accept(socket));
  CAF_CHECK((::fcntl(socket.get(), F_GETFL) & O_NONBLOCK) != 0);
  int value = 0;
  socklen_t size = sizeof(value);
  ::getsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &value, &size);
  CAF_CHECK_EQUAL(value, 1);
}

CAF_TEST(other sockets and files are refused) {
  CAF_CHECK(net::prepare_to_accept(
    net::descriptor{::socket(AF_INET, SOCK_STREAM, 0)})); // does not listen
  CAF_CHECK(
    net::prepare_to_accept(net::descriptor{::socket(AF_INET, SOCK_DGRAM, 0)}));
  CAF_CHECK(
    net::prepare_to_accept(net::descriptor{::socket(AF_UNIX, SOCK_STREAM, 0)}));
  CAF_CHECK(
    net::prepare_to_accept(net::descriptor{::open("/dev/null", O_RDONLY)}));
}

CAF_TEST(a port serves at inherited sockets instead of its own address) {
  port_cfg.port = 1; // not used
  std::vector<net::descriptor> sockets;
  sockets.push_back(listening_socket());
  sockets.push_back(listening_socket());
  auto other = port_of(sockets[1]);
  port = port_of(sockets[0]);
  routes.add("/ws", ws);
  door = make_door();
  CAF_CHECK_EQUAL(door->open(std::move(sockets)), port);
  auto first = connect();
  port = other;
  auto second = connect();
}

CAF_TEST(an inherited socket listens after the port has closed) {
  auto theirs = listening_socket();
  std::vector<net::descriptor> sockets;
  sockets.emplace_back(::dup(theirs.get()));
  port = port_of(theirs);
  routes.add("/ws", ws);
  door = make_door();
  CAF_REQUIRE(door->open(std::move(sockets)));
  auto peer = connect();
  door->close();
  client waiting{port};
  waiting.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  sockets.clear();
  sockets.emplace_back(::dup(theirs.get()));
  auto next = make_door();
  CAF_REQUIRE(next->open(std::move(sockets)));
  CAF_CHECK_EQUAL(status(waiting.read_until("\r\n\r\n")), "200");
  next->close();
}

CAF_TEST(a socket that does not listen is an error) {
  std::vector<net::descriptor> sockets;
  sockets.emplace_back(::socket(AF_INET, SOCK_STREAM, 0));
  auto got = make_door()->open(std::move(sockets));
  CAF_REQUIRE(!got);
  CAF_CHECK(what(got.error()).find("service manager") != std::string::npos);
}

CAF_TEST_FIXTURE_SCOPE_END()
