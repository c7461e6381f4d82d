#define CAF_SUITE net.http_checks

#include "net/http/http_checks.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/socket_stage.hpp"

#include <boost/algorithm/string/replace.hpp>

using namespace troupe;
using namespace troupe::test;

namespace {

struct fixture : socket_stage {
  /// Returns the status of a handshake in which `good` is replaced by `bad`.
  std::string with(const std::string& good, const std::string& bad) {
    auto bytes = handshake("/ws") + "\r\n";
    CAF_REQUIRE(bytes.find(good) != bytes.npos);
    boost::algorithm::replace_first(bytes, good, bad);
    client peer{port};
    peer.send(bytes);
    last = peer.read_until("\r\n\r\n");
    return status(last);
  }

  std::string upgrade(const std::string& fields) {
    client peer{port};
    return status(peer.upgrade("/ws", fields));
  }

  std::string last; ///< The head of the last response.
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(http_checks_tests, fixture)

CAF_TEST(a good handshake is answered as RFC 6455 has it) {
  open();
  client peer{port};
  auto head = peer.upgrade("/ws", "Origin: http://localhost\r\n");
  CAF_CHECK_EQUAL(status(head), "101");
  CAF_CHECK_EQUAL(field(head, "Sec-WebSocket-Accept"),
                  "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CAF_CHECK_EQUAL(field(head, "Sec-WebSocket-Extensions"), "");
  CAF_CHECK_EQUAL(field(head, "Sec-WebSocket-Protocol"), "");
  CAF_CHECK_EQUAL(field(head, "Server"), "troupe");
}

CAF_TEST(the request comes along) {
  routes.add("/rooms/*", ws);
  open();
  auto peer = connect("/rooms/a%20b?token=x%26y+z");
  const auto& req = ws->last_request;
  CAF_CHECK_EQUAL(req.method(), "GET");
  CAF_CHECK_EQUAL(req.target(), "/rooms/a%20b?token=x%26y+z");
  CAF_CHECK_EQUAL(req.wildcard(), "a b");
  CAF_CHECK_EQUAL(req.query("token"), "x&y z");
  CAF_CHECK_EQUAL(req.header("sec-websocket-version"), "13");
  CAF_CHECK_EQUAL(req.remote_address(), "127.0.0.1");
  CAF_CHECK_NOT_EQUAL(req.remote_port(), 0);
}

CAF_TEST(the key must be one of sixteen bytes) {
  open();
  std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  CAF_CHECK_EQUAL(with(key, key), "101");
  CAF_CHECK_EQUAL(with(key, ""), "400");
  CAF_CHECK_EQUAL(with(key, key + key), "400");
  CAF_CHECK_EQUAL(with("dGhlIHNhbXBsZSBub25jZQ==", ""), "400");
  CAF_CHECK_EQUAL(with("dGhlIHNhbXBsZSBub25jZQ==", "AAAA"), "400");
  for (auto bad : {"dGhlIHNhbXBsZSBub25jZQAA",
                   "dGhlIHNhbXBsZSBub25jZ*==", "dGhlIHNhbXBsZSBub25jZ_==",
                   "dGhlIHNhbXBsZSBub25jZ===", "dGhlIHNhbXBsZSBub25j ZQ=="})
    CAF_CHECK_EQUAL(with("dGhlIHNhbXBsZSBub25jZQ==", bad), "400");
  // The last digit stands for two bits; the other four may be set.
  CAF_CHECK_EQUAL(with("dGhlIHNhbXBsZSBub25jZQ==", "+/hlIHNhbXBsZSBub25jZR=="),
                  "101");
}

CAF_TEST(the version must be 13) {
  open();
  CAF_CHECK_EQUAL(with("Sec-WebSocket-Version: 13\r\n", ""), "400");
  for (auto bad : {"Version: 8", "Version: 14", "Version: x"}) {
    CAF_CHECK_EQUAL(with("Version: 13", bad), "426");
    CAF_CHECK_EQUAL(field(last, "Sec-WebSocket-Version"), "13");
    CAF_CHECK_EQUAL(field(last, "Upgrade"), "websocket");
    CAF_CHECK_EQUAL(field(last, "Connection"), "Upgrade");
  }
}

CAF_TEST(a handshake is a GET of HTTP 1.1 without a body) {
  open();
  CAF_CHECK_EQUAL(with("GET", "POST"), "405");
  CAF_CHECK_EQUAL(with("HTTP/1.1", "HTTP/1.0"), "400");
  CAF_CHECK_EQUAL(with("Host: localhost\r\n", ""), "400");
  CAF_CHECK_EQUAL(upgrade("Content-Length: 3\r\n"), "400");
}

CAF_TEST(only those who ask for WebSocket get it) {
  open();
  CAF_CHECK_EQUAL(with("Upgrade: websocket\r\n", ""), "426");
  CAF_CHECK_EQUAL(with("Connection: keep-alive, Upgrade\r\n", ""), "426");
  CAF_CHECK_EQUAL(with("Upgrade: websocket", "Upgrade: h2c"), "426");
  CAF_CHECK_EQUAL(with("Upgrade: websocket", "Upgrade: h2c, WebSocket"), "101");
  CAF_CHECK_EQUAL(with("keep-alive, Upgrade", "uPGRADE"), "101");
}

CAF_TEST(what a client offers must be a list) {
  open();
  for (auto bad : {"a b", "a/b", "\"a\"", "a;b", "a, b c"})
    CAF_CHECK_EQUAL(
      upgrade("Sec-WebSocket-Protocol: " + std::string{bad} + "\r\n"), "400");
  for (auto bad : {"a b", "a;", "a;=1", "a;b=", "a/b", "a;b=\"c d\"", "a;b=\"c",
                   "a,;b", "permessage-deflate, a b"})
    CAF_CHECK_EQUAL(
      upgrade("Sec-WebSocket-Extensions: " + std::string{bad} + "\r\n"), "400");
  for (auto good : {"", "a", "a,,b", ", a", "a; b; c=1; d=\"e\""}) {
    CAF_CHECK_EQUAL(
      upgrade("Sec-WebSocket-Extensions: " + std::string{good} + "\r\n"),
      "101");
    if (std::string_view{good}.find(';') == std::string_view::npos)
      CAF_CHECK_EQUAL(
        upgrade("Sec-WebSocket-Protocol: " + std::string{good} + "\r\n"),
        "101");
  }
  // A list may be split into several fields, but no element of it.
  CAF_CHECK_EQUAL(upgrade("Sec-WebSocket-Extensions: a; b\r\n"
                          "Sec-WebSocket-Extensions: c\r\n"),
                  "101");
  CAF_CHECK_EQUAL(upgrade("Sec-WebSocket-Extensions: a\r\n"
                          "Sec-WebSocket-Extensions: ; b\r\n"),
                  "400");
}

CAF_TEST(who sends before the handshake is done is refused) {
  open();
  client peer{port};
  peer.send(handshake("/ws") + "\r\n" + masked_frame(1, "too early"));
  CAF_CHECK_EQUAL(status(peer.read_all()), "400");
}

CAF_TEST(C4 pages of other origins are refused) {
  open();
  CAF_CHECK_EQUAL(upgrade(""), "101");
  CAF_CHECK_EQUAL(upgrade("Origin: http://LocalHost\r\n"), "101");
  CAF_CHECK_EQUAL(upgrade("Origin: https://localhost\r\n"), "101");
  CAF_CHECK_EQUAL(upgrade("Origin: http://localhost:80\r\n"), "101");
  CAF_CHECK_EQUAL(upgrade("Origin: http://localhost:8080\r\n"), "403");
  CAF_CHECK_EQUAL(upgrade("Origin: http://localhost.evil.example\r\n"), "403");
  CAF_CHECK_EQUAL(upgrade("Origin: http://evil.example\r\n"), "403");
  CAF_CHECK_EQUAL(upgrade("Origin: null\r\n"), "403");
  CAF_CHECK_EQUAL(upgrade("Origin: ftp://localhost\r\n"), "403");
  CAF_CHECK_EQUAL(with("Host: localhost\r\n",
                       "Host: localhost:99\r\nOrigin: http://localhost:99\r\n"),
                  "101");
}

CAF_TEST(C4 all origins can be let in) {
  ws->cfg.allow_any_origin = true;
  open();
  CAF_CHECK_EQUAL(upgrade("Origin: http://evil.example\r\n"), "101");
}

CAF_TEST(C4 the application can decide about origins) {
  ws->cfg.check_origin = [](const request& req) {
    if (req.header("origin") == "boom")
      throw std::runtime_error("boom");
    return req.header("origin") == "good";
  };
  open();
  CAF_CHECK_EQUAL(upgrade("Origin: good\r\n"), "101");
  CAF_CHECK_EQUAL(upgrade("Origin: http://localhost\r\n"), "403");
  CAF_CHECK_EQUAL(upgrade("Origin: boom\r\n"), "403");
}

CAF_TEST_FIXTURE_SCOPE_END()
