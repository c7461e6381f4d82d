#define CAF_SUITE net.allowed_hosts

#include "net/http/allowed_hosts.hpp" // the header under test

#include "caf/test/dsl.hpp"

#include "net/support/socket_stage.hpp"
#include "support/log_watch.hpp"

#include <string>

using namespace troupe;
using namespace troupe::test;

namespace {

bool serves(const listener_config& cfg, std::string_view host) {
  return !net::allowed_hosts{cfg}.check(host);
}

struct fixture : log_watch, socket_stage {
  fixture() {
    port_cfg.allowed_hosts = {};
    routes.add("/page", content{"a page", "text/plain"});
  }

  /// Returns the head of the response to a handshake and keeps its body.
  std::string ask(std::string_view path, const std::string& host) {
    client peer{port};
    peer.send("GET " + std::string{path} + " HTTP/1.1\r\nHost: " + host
              + "\r\nConnection: close\r\n\r\n");
    return peer.read_all();
  }

  std::string upgrade(const std::string& host, const std::string& origin) {
    client peer{port};
    auto head = handshake("/ws", "Origin: " + origin + "\r\n") + "\r\n";
    head.replace(head.find("localhost"), 9, host);
    peer.send(head);
    return status(peer.read_until("\r\n\r\n"));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(allowed_hosts_tests, fixture)

CAF_TEST(a port of this machine serves its own names) {
  for (auto host : {"127.0.0.1", "localhost", "::1", "127.1.2.3"}) {
    listener_config cfg{.host = host};
    for (auto x :
         {"localhost", "localhost:8080", "LOCALHOST", "localhost.",
          "127.0.0.1:8080", "127.9.9.9", "[::1]:8080", "192.0.2.1", ""})
      CAF_CHECK(serves(cfg, x));
    for (auto x : {"evil.test", "localhost.evil.test", "127.0.0.1.evil.test",
                   "evil.test:8080", "127.0.0.1x", "alocalhost"})
      CAF_CHECK(!serves(cfg, x));
    CAF_CHECK(!net::allowed_hosts{cfg}.is_open_by_default());
  }
}

CAF_TEST(other names are added to those of this machine) {
  listener_config cfg{.host = "127.0.0.1"};
  cfg.allowed_hosts = {"chat.example"};
  for (auto x : {"chat.example", "localhost:8080", "127.0.0.1", "[::1]"})
    CAF_CHECK(serves(cfg, x));
  CAF_CHECK(!serves(cfg, "evil.test"));
}

CAF_TEST(another port serves all unless told otherwise) {
  listener_config cfg{.host = "0.0.0.0"};
  CAF_CHECK(serves(cfg, "any.example"));
  CAF_CHECK(net::allowed_hosts{cfg}.is_open_by_default());
  cfg.public_url = "https://chat.example";
  CAF_CHECK(serves(cfg, "any.example"));
  CAF_CHECK(!net::allowed_hosts{cfg}.is_open_by_default());
  cfg.allowed_hosts = {"a.example", "*.b.example"};
  CAF_CHECK(serves(cfg, "a.example:99"));
  CAF_CHECK(serves(cfg, "x.b.example"));
  CAF_CHECK(serves(cfg, "chat.example"));
  CAF_CHECK(serves(cfg, "192.0.2.1"));
  CAF_CHECK(!serves(cfg, "any.example"));
  CAF_CHECK(!serves(cfg, "localhost"));
}

CAF_TEST(the host of the public URL is served) {
  listener_config cfg{.public_url = "https://chat.example:8443"};
  CAF_CHECK(serves(cfg, "chat.example"));
  CAF_CHECK(serves(cfg, "localhost"));
  CAF_CHECK(!serves(cfg, "evil.test"));
}

CAF_TEST(a name of another site leads nowhere) {
  open();
  for (auto path : {"/page", "/ws", "/healthz"}) {
    auto reply = ask(path, "evil.test:" + std::to_string(port));
    CAF_CHECK_EQUAL(status(reply), "421");
    CAF_CHECK(reply.ends_with("set http.allowed-hosts or http.public-url"));
  }
  CAF_CHECK_EQUAL(upgrade("evil.test", "http://evil.test"), "421");
  CAF_CHECK_EQUAL(upgrade("localhost", "http://localhost"), "101");
  CAF_CHECK_EQUAL(status(ask("/page", "127.0.0.1")), "200");
  CAF_CHECK_EQUAL(door->clients().stats().hosts_refused, 4u);
}

CAF_TEST(a refused host leaves one line) {
  open();
  watch_log();
  CAF_CHECK_EQUAL(upgrade("evil.test", "http://evil.test"), "421");
  CAF_CHECK_EQUAL(count_logged("refused"), 1u);
}

CAF_TEST(the host of an absolute target counts) {
  open();
  CAF_CHECK_EQUAL(status(ask("http://evil.test/page", "localhost")), "421");
  CAF_CHECK_EQUAL(status(ask("http://localhost/page", "evil.test")), "200");
  CAF_CHECK_EQUAL(status(ask("http://user@localhost/page", "localhost")),
                  "400");
  CAF_CHECK_EQUAL(status(ask("http:///page", "localhost")), "400");
}

CAF_TEST(C4 the host of an absolute target is the same origin) {
  port_cfg.allowed_hosts = {"*"};
  open();
  auto with = [this](const std::string& origin) {
    client peer{port};
    auto head = handshake("http://a.test/ws", "Origin: " + origin + "\r\n");
    peer.send(head + "\r\n");
    return status(peer.read_until("\r\n\r\n"));
  };
  CAF_CHECK_EQUAL(with("http://a.test"), "101");
  CAF_CHECK_EQUAL(with("http://localhost"), "403");
}

CAF_TEST(C4 the public URL is the same origin with its scheme) {
  port_cfg.public_url = "https://chat.example";
  open();
  CAF_CHECK_EQUAL(upgrade("chat.example", "https://chat.example"), "101");
  CAF_CHECK_EQUAL(upgrade("chat.example", "https://CHAT.example:443"), "101");
  CAF_CHECK_EQUAL(upgrade("localhost", "https://chat.example"), "101");
  CAF_CHECK_EQUAL(upgrade("chat.example", "http://chat.example"), "403");
  CAF_CHECK_EQUAL(upgrade("localhost", "http://localhost"), "403");
}

CAF_TEST(C4 the scheme is compared if a proxy names it) {
  port_cfg.trusted_proxies = {"127.0.0.1"};
  port_cfg.proxy_header = forwarding_header::x_forwarded_for;
  open();
  auto with = [this](const std::string& scheme, const std::string& origin) {
    return upgrade("localhost", origin + "\r\nX-Forwarded-Proto: " + scheme);
  };
  CAF_CHECK_EQUAL(with("https", "https://localhost"), "101");
  CAF_CHECK_EQUAL(with("https", "http://localhost"), "403");
  CAF_CHECK_EQUAL(with("http", "https://localhost"), "403");
  CAF_CHECK_EQUAL(with("", "http://localhost"), "101");
}

CAF_TEST_FIXTURE_SCOPE_END()
