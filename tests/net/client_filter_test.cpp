#define CAF_SUITE net.client_filter

#include "net/http/client_filter.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/socket_stage.hpp"
#include "support/log_watch.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <thread>

using namespace troupe;
using namespace troupe::test;

namespace {

/// Connects from addresses other than loopback, to which limits for addresses
/// do not apply, by headers of the PROXY protocol.
struct fixture : log_watch, socket_stage {
  connection_limits& limits = port_cfg.limits;

  fixture() {
    port_cfg.trusted_proxies = {"127.0.0.1"};
    routes.add("/page", content{"a page", "text/plain"});
  }

  void open_to_proxies() {
    port_cfg.proxy_protocol = true;
    open();
  }

  /// Opens a second port with the same settings, but for operators.
  void open_to_operators() {
    port_cfg.for_operators = true;
    operators = make_door();
    operators_port = operators->open().value();
  }

  void open_with_header() {
    port_cfg.proxy_header = forwarding_header::x_forwarded_for;
    open();
  }

  client from(const std::string& address) {
    client result{port};
    auto is_v6 = address.find(':') != address.npos;
    result.send("PROXY " + std::string{is_v6 ? "TCP6 " : "TCP4 "} + address
                + (is_v6 ? " ::1" : " 127.0.0.1") + " 1 2\r\n");
    return result;
  }

  /// Sends a handshake.
  /// @returns the status.
  std::string upgrade(client& peer, const std::string& header = "") {
    peer.try_send(handshake("/ws", header) + "\r\n");
    return status(peer.read_until("\r\n\r\n"));
  }

  /// Returns the number of log lines that tell of a refusal.
  size_t count_refusals() {
    return count_logged("refused");
  }

  /// Sends requests on new connections until one is not refused as too many.
  /// @returns its status.
  std::string request_in_the_end(const std::string& head) {
    for (;;) {
      client peer{port};
      peer.try_send(head + "\r\n");
      auto reply = peer.read_until("\r\n\r\n");
      if (status(reply) != "503" && status(reply) != "429")
        return status(reply);
    }
  }

  static std::string forwarded(const std::string& address) {
    return "X-Forwarded-For: " + address + "\r\n";
  }

  listener_stats stats() {
    return door->clients().stats();
  }

  ~fixture() {
    if (operators)
      operators->close();
  }

  std::shared_ptr<net::http_port> operators;
  uint16_t operators_port = 0;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(client_filter_tests, fixture)

// -- connections --------------------------------------------------------------

CAF_TEST(a process has so many connections) {
  limits.connections = 2;
  open();
  auto first = connect();
  client second{port};
  second.get("/page");
  client third{port};
  auto reply = third.read_all();
  CAF_CHECK_EQUAL(status(reply), "503");
  CAF_CHECK_EQUAL(field(reply, "Retry-After"), "10");
  CAF_CHECK(reply.ends_with("too many connections"));
  CAF_CHECK_EQUAL(stats().connections_refused, 1u);
  CAF_CHECK_EQUAL(stats().connections_accepted, 2u);
  first.send_close(1000);
  first.read_after_close();
  wait_for_close();
  CAF_CHECK_EQUAL(request_in_the_end("GET /page HTTP/1.1\r\nHost: x\r\n"),
                  "200");
}

CAF_TEST(a port for operators has room of its own) {
  limits.connections = 1;
  open();
  auto first = connect();
  CAF_CHECK_EQUAL(status(client{port}.read_all()), "503");
  open_to_operators();
  client peer{operators_port};
  CAF_CHECK_EQUAL(status(peer.get("/page")), "200");
  CAF_CHECK_EQUAL(status(client{operators_port}.read_all()), "503");
}

CAF_TEST(clients do not close connections of operators) {
  limits.pending = 1;
  open();
  open_to_operators();
  client peer{operators_port};
  peer.send("GET ");
  while (!operators->has_requests())
    std::this_thread::yield();
  client other{port};
  other.send("GET ");
  while (!door->has_requests())
    std::this_thread::yield();
  peer.send("/page HTTP/1.1\r\nHost: x\r\n\r\n");
  CAF_CHECK_EQUAL(status(peer.read_until("a page")), "200");
}

CAF_TEST(an address has so many connections) {
  limits.connections_per_address = 2;
  open_to_proxies();
  auto first = from("192.0.2.1");
  auto second = from("192.0.2.1");
  CAF_CHECK_EQUAL(upgrade(first), "101");
  CAF_CHECK_EQUAL(status(second.get("/page")), "200");
  CAF_CHECK_EQUAL(status(from("192.0.2.1").read_all()), "429");
  CAF_CHECK_EQUAL(status(from("192.0.2.2").get("/page")), "200");
  CAF_CHECK_EQUAL(stats().connections_refused, 1u);
}

CAF_TEST(an IPv6 network counts as one address) {
  limits.connections_per_address = 1;
  open_to_proxies();
  auto first = from("2001:db8::1");
  CAF_CHECK_EQUAL(upgrade(first), "101");
  CAF_CHECK_EQUAL(status(from("2001:db8::2").read_all()), "429");
  CAF_CHECK_EQUAL(status(from("2001:db8:0:1::1").get("/page")), "200");
}

CAF_TEST(this machine and its proxies have no limit for an address) {
  limits.connections_per_address = 1;
  limits.pending_per_address = 1;
  limits.handshakes_per_second = 1;
  open();
  std::list<client> peers;
  for (auto i = 0; i < 5; ++i)
    peers.emplace_back(port);
  for (auto& x : peers)
    CAF_CHECK_EQUAL(upgrade(x), "101");
}

CAF_TEST(an address opens so many connections in a second) {
  limits.handshakes_per_second = 1;
  open_to_proxies();
  auto request = [this] {
    auto peer = from("192.0.2.3");
    peer.try_send("GET /page HTTP/1.0\r\n\r\n");
    return peer.read_all();
  };
  CAF_CHECK_EQUAL(status(request()), "200");
  CAF_CHECK_EQUAL(status(request()), "200");
  auto reply = request();
  while (status(reply) == "200") // This machine is slow.
    reply = request();
  CAF_CHECK_EQUAL(status(reply), "429");
  CAF_CHECK_EQUAL(field(reply, "Retry-After"), "10");
  CAF_CHECK_EQUAL(status(from("192.0.2.4").get("/page")), "200");
}

CAF_TEST(a client of a header is limited by its handshakes) {
  limits.connections_per_address = 1;
  open_with_header();
  client proxy{port};
  CAF_CHECK_EQUAL(upgrade(proxy, forwarded("192.0.2.1")), "101");
  CAF_CHECK_EQUAL(ws->log.pop().kind, news::opened);
  CAF_CHECK_EQUAL(ws->last_request.remote_address(), "192.0.2.1");
  client second{port};
  CAF_CHECK_EQUAL(upgrade(second, forwarded("192.0.2.1")), "429");
  client third{port};
  CAF_CHECK_EQUAL(upgrade(third, forwarded("192.0.2.2")), "101");
  CAF_CHECK_EQUAL(ws->log.pop().kind, news::opened);
  CAF_CHECK_EQUAL(stats().requests_refused, 1u);
  CAF_CHECK_EQUAL(stats().connections_refused, 0u);
  proxy.send_close(1000);
  proxy.read_after_close();
  wait_for_close();
  CAF_CHECK_EQUAL(request_in_the_end(handshake("/ws", forwarded("192.0.2.1"))),
                  "101");
}

// -- pending connections ------------------------------------------------------

CAF_TEST(the oldest that waits for a request gives way) {
  limits.pending_per_address = 2;
  open_to_proxies();
  auto first = from("192.0.2.1");
  first.send("GET ");
  auto second = from("192.0.2.1");
  second.send("GET ");
  auto other = from("192.0.2.2");
  other.send("GET ");
  auto third = from("192.0.2.1");
  third.send("GET ");
  auto fourth = from("192.0.2.1");
  fourth.send("GET ");
  while (stats().pending_closed < 2)
    std::this_thread::yield();
  std::string rest = "/page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  auto survivors = 0;
  for (auto* x : {&first, &second, &third, &fourth}) {
    x->try_send(rest);
    survivors += status(x->read_all()) == "200" ? 1 : 0;
  }
  CAF_CHECK_EQUAL(survivors, 2);
  other.send(rest);
  CAF_CHECK_EQUAL(status(other.read_all()), "200");
}

CAF_TEST(whose first request is complete does not give way) {
  limits.pending = 1;
  open();
  client first{port};
  first.get("/page");
  client second{port};
  second.get("/page");
  client third{port};
  third.get("/page");
  CAF_CHECK_EQUAL(status(first.get("/page")), "200");
  CAF_CHECK_EQUAL(status(second.get("/page")), "200");
  CAF_CHECK_EQUAL(stats().pending_closed, 0u);
}

// -- lists --------------------------------------------------------------------

CAF_TEST(who is denied is closed at once) {
  port_cfg.trusted_proxies = {};
  limits.deny = {"127.0.0.0/8"};
  open();
  client peer{port};
  CAF_CHECK_EQUAL(peer.read_all(), "");
  CAF_CHECK_EQUAL(stats().connections_refused, 1u);
}

CAF_TEST(others than the allowed ones are denied) {
  limits.allow = {"192.0.2.0/24"};
  limits.deny = {"192.0.2.128/25"};
  open_to_proxies();
  CAF_CHECK_EQUAL(status(from("192.0.2.1").get("/page")), "200");
  CAF_CHECK_EQUAL(from("192.0.2.129").read_all(), "");
  CAF_CHECK_EQUAL(from("198.51.100.1").read_all(), "");
  CAF_CHECK_EQUAL(stats().connections_refused, 2u);
}

CAF_TEST(a denied client of a header gets a status) {
  limits.deny = {"192.0.2.0/24"};
  open_with_header();
  client proxy{port};
  CAF_CHECK_EQUAL(status(proxy.get("/page", forwarded("198.51.100.1"))), "200");
  CAF_CHECK_EQUAL(status(proxy.get("/page", forwarded("192.0.2.1"))), "403");
  client other{port};
  CAF_CHECK_EQUAL(upgrade(other, forwarded("192.0.2.1")), "403");
  CAF_CHECK_EQUAL(stats().requests_refused, 2u);
}

// -- requests -----------------------------------------------------------------

CAF_TEST(a refused client of a header leaves one line) {
  limits.deny = {"192.0.2.0/24"};
  limits.connections_per_address = 1;
  open_with_header();
  watch_log();
  client denied{port};
  CAF_CHECK_EQUAL(upgrade(denied, forwarded("192.0.2.1")), "403");
  CAF_CHECK_EQUAL(count_refusals(), 1u);
  client first{port};
  CAF_CHECK_EQUAL(upgrade(first, forwarded("198.51.100.1")), "101");
  CAF_CHECK_EQUAL(ws->log.pop().kind, news::opened);
  client second{port};
  CAF_CHECK_EQUAL(upgrade(second, forwarded("198.51.100.1")), "429");
  CAF_CHECK_EQUAL(count_refusals(), 2u);
}

CAF_TEST(refused handshakes of one client leave one line a minute) {
  limits.deny = {"192.0.2.0/24"};
  open_with_header();
  watch_log();
  for (auto i = 0; i < 3; ++i) {
    client peer{port};
    CAF_CHECK_EQUAL(upgrade(peer, forwarded("192.0.2.1")), "403");
  }
  CAF_CHECK_EQUAL(count_refusals(), 1u);
}

CAF_TEST(a connection serves so many requests) {
  port_cfg.max_requests_per_connection = 2;
  open();
  client peer{port};
  CAF_CHECK_EQUAL(field(peer.get("/page"), "Connection"), "");
  CAF_CHECK_EQUAL(field(peer.get("/page"), "Connection"), "close");
  CAF_CHECK_EQUAL(peer.read_all(), "");
}

CAF_TEST_FIXTURE_SCOPE_END()
