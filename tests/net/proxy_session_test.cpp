#define CAF_SUITE net.proxy_session

#include "net/http/proxy_session.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/socket_stage.hpp"

#include <string>

using namespace troupe;
using namespace troupe::test;

namespace {

constexpr std::string_view line = "PROXY TCP4 192.0.2.1 10.0.0.1 56324 443\r\n";

struct fixture : socket_stage {
  fixture() {
    port_cfg.trusted_proxies = {"127.0.0.1"};
    port_cfg.proxy_protocol = true;
  }

  uint64_t refused() {
    return door->clients().stats().proxy_headers_refused;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(proxy_session_tests, fixture)

CAF_TEST(the client is the one that the proxy names) {
  open();
  client peer{port};
  peer.send(line);
  CAF_CHECK_EQUAL(status(peer.upgrade("/ws")), "101");
  CAF_CHECK_EQUAL(ws->log.pop().kind, news::opened);
  CAF_CHECK_EQUAL(ws->last_request.remote_address(), "192.0.2.1");
  CAF_CHECK_EQUAL(ws->last_request.remote_port(), 56324);
  CAF_CHECK_EQUAL(door->clients().stats().connections_accepted, 1u);
}

CAF_TEST(a mapped address is that of IPv4) {
  open();
  client peer{port};
  peer.send("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n");
  CAF_CHECK_EQUAL(status(peer.upgrade("/ws")), "101");
  CAF_CHECK_EQUAL(ws->log.pop().kind, news::opened);
  CAF_CHECK_EQUAL(ws->last_request.remote_address(), "192.0.2.1");
}

CAF_TEST(header and request may come together or byte by byte) {
  open();
  auto all = std::string{line} + handshake("/ws") + "\r\n";
  client at_once{port};
  at_once.send(all);
  CAF_CHECK_EQUAL(status(at_once.read_until("\r\n\r\n")), "101");
  client slow{port};
  for (auto x : all)
    slow.send({&x, 1});
  CAF_CHECK_EQUAL(status(slow.read_until("\r\n\r\n")), "101");
}

CAF_TEST(a proxy may speak for itself) {
  open();
  client peer{port};
  peer.send({"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16});
  CAF_CHECK_EQUAL(status(peer.upgrade("/ws")), "101");
  CAF_CHECK_EQUAL(ws->log.pop().kind, news::opened);
  CAF_CHECK_EQUAL(ws->last_request.remote_address(), "127.0.0.1");
}

CAF_TEST(without a header nothing is served) {
  open();
  for (std::string_view bytes : {"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
                                 "PROXY TCP4 a b 1 2\r\n", "\x16\x03\x01"}) {
    client peer{port};
    peer.send(bytes);
    CAF_CHECK_EQUAL(peer.read_all(), "");
  }
  CAF_CHECK_EQUAL(refused(), 3u);
}

CAF_TEST(a header must come in time) {
  port_cfg.request_timeout = 200ms;
  open();
  client silent{port};
  client slow{port};
  slow.send("PROXY TCP4 ");
  CAF_CHECK_EQUAL(silent.read_all(), "");
  CAF_CHECK_EQUAL(slow.read_all(), "");
}

CAF_TEST(only a trusted proxy may send a header) {
  port_cfg.trusted_proxies = {"10.0.0.0/8"};
  open();
  client peer{port};
  peer.try_send(line);
  CAF_CHECK_EQUAL(peer.read_all(), "");
  CAF_CHECK_EQUAL(refused(), 1u);
}

CAF_TEST(a proxy that names clients in both ways is followed) {
  port_cfg.trusted_proxies = {"127.0.0.1", "192.0.2.0/24"};
  port_cfg.proxy_header = forwarding_header::x_forwarded_for;
  open();
  client peer{port};
  peer.send(line);
  auto head = peer.upgrade("/ws", "X-Forwarded-For: 6.6.6.6, 198.51.100.7\r\n");
  CAF_CHECK_EQUAL(status(head), "101");
  CAF_CHECK_EQUAL(ws->log.pop().kind, news::opened);
  CAF_CHECK_EQUAL(ws->last_request.remote_address(), "198.51.100.7");
}

CAF_TEST(a port that closes takes waiting proxies with it) {
  open();
  client served{port};
  served.send(line);
  served.get("/healthz"); // the next one is accepted, too
  client peer{port};
  peer.send("PROXY ");
  door->close();
  CAF_CHECK_EQUAL(peer.read_all(), "");
}

CAF_TEST_FIXTURE_SCOPE_END()
