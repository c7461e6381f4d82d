#define CAF_SUITE net.handshake

#include "net/http/handshake.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/socket_stage.hpp"
#include "troupe/log.hpp"

#include <boost/algorithm/string/replace.hpp>

#include <thread>
#include <vector>

using namespace std::literals;
using namespace troupe;
using namespace troupe::test;

namespace {

struct log_tap {
  log_tap() {
    set_log_config({.quota = 0}); // Tests need every line.
    set_log_sink([this](log_level, std::string_view line) {
      lines.push({news::message, std::string{line}});
    });
  }

  ~log_tap() {
    set_log_sink(nullptr);
    set_log_config({});
  }

  news_queue lines;
};

struct fixture : log_tap, socket_stage {
  /// Returns the response, head and body, to a handshake with further fields.
  std::string upgrade(const std::string& fields,
                      std::string_view path = "/ws") {
    client peer{port};
    peer.send(handshake(path, fields) + "\r\n");
    auto head = peer.read_until("\r\n\r\n");
    return status(head) == "101" ? head : head + peer.read_all();
  }

  /// Returns the subprotocol chosen for a client that sends `fields`.
  std::string agree(const std::string& fields) {
    client peer{port};
    auto head = peer.upgrade("/ws", fields);
    CAF_CHECK_EQUAL(status(head), "101");
    while (ws->log.pop().kind != news::opened)
      ; // Skips the end of the previous client.
    auto chosen = field(head, "Sec-WebSocket-Protocol");
    if (chosen.empty())
      CAF_CHECK(head.find("Sec-WebSocket-Protocol") == head.npos);
    CAF_CHECK_EQUAL(ws->last_socket.lock()->subprotocol(), chosen);
    return chosen;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(handshake_tests, fixture)

// -- subprotocols -------------------------------------------------------------

CAF_TEST(C14 the servers first preference that the client offers is chosen) {
  ws->cfg.subprotocols = {"best", "good", "poor"};
  open();
  CAF_CHECK_EQUAL(agree("Sec-WebSocket-Protocol: best\r\n"), "best");
  CAF_CHECK_EQUAL(agree("Sec-WebSocket-Protocol: poor,good\r\n"), "good");
  CAF_CHECK_EQUAL(agree("Sec-WebSocket-Protocol:  poor ,\tother , ,\r\n"),
                  "poor");
  CAF_CHECK_EQUAL(agree("Sec-WebSocket-Protocol: poor\r\n"
                        "sec-websocket-protocol: good, best\r\n"),
                  "best");
}

CAF_TEST(C14 without one in common the field is omitted) {
  ws->cfg.subprotocols = {"chat"};
  open();
  for (auto fields : {"", "Sec-WebSocket-Protocol: other\r\n",
                      "Sec-WebSocket-Protocol: Chat\r\n",
                      "Sec-WebSocket-Protocol: chat2, chat.1, chat'\r\n",
                      "Sec-WebSocket-Protocol: \r\n"})
    CAF_CHECK_EQUAL(agree(fields), "");
}

CAF_TEST(version 2 goes before the subprotocols of the program) {
  ws->cfg.subprotocols = {"chat"};
  open();
  CAF_CHECK_EQUAL(agree("Sec-WebSocket-Protocol: chat, troupe.2\r\n"),
                  "troupe.2");
  CAF_CHECK_EQUAL(agree("Sec-WebSocket-Protocol: chat\r\n"), "chat");
  ws->cfg.enable_protocol_2 = false;
  CAF_CHECK_EQUAL(agree("Sec-WebSocket-Protocol: chat, troupe.2\r\n"), "chat");
}

// -- refusals -----------------------------------------------------------------

CAF_TEST(C3 a handler may replace status and body) {
  std::vector<std::string> seen;
  ws->cfg.on_handshake_error = [&](const request& req, handshake_error& x) {
    seen.push_back(std::to_string(x.status) + " " + std::string{req.path()});
    x.status = 488;
    x.body = "go away, " + std::string{req.header("Origin")};
  };
  open();
  auto reply = upgrade("Origin: http://evil.example\r\n");
  CAF_CHECK(reply.starts_with("HTTP/1.1 488 \r\n"));
  CAF_CHECK_EQUAL(field(reply, "Content-Length"), "28");
  CAF_CHECK_EQUAL(field(reply, "Connection"), "close");
  CAF_CHECK(reply.ends_with("\r\n\r\ngo away, http://evil.example"));
  CAF_CHECK_EQUAL(seen, (std::vector{"403 /ws"s}));
  CAF_CHECK_EQUAL(status(upgrade("")), "101");
  CAF_CHECK_EQUAL(seen.size(), 1u);
}

CAF_TEST(C3 the handler is asked about every refusal of its endpoint) {
  std::vector<unsigned> seen;
  ws->cfg.on_handshake_error = [&](const request& req, handshake_error& x) {
    CAF_CHECK_EQUAL(req.wildcard(), "a");
    CAF_CHECK_EQUAL(req.remote_address(), "127.0.0.1");
    seen.push_back(x.status);
    x.status = 503;
  };
  routes.add("/rooms/*", ws);
  open();
  auto good = handshake("/rooms/a") + "\r\n";
  auto with = [&](const std::string& old, const std::string& now) {
    auto bytes = good;
    boost::algorithm::replace_first(bytes, old, now);
    client peer{port};
    peer.send(bytes);
    auto head = peer.read_until("\r\n\r\n");
    // These fields belong to another status.
    for (auto name : {"Allow", "Sec-WebSocket-Version", "Upgrade"})
      CAF_CHECK_EQUAL(field(head, name), "");
    return status(head);
  };
  for (auto [old, now] :
       {std::pair{"GET", "POST"}, std::pair{"Version: 13", "Version: 12"},
        std::pair{"Upgrade: websocket\r\n", ""},
        std::pair{"Sec-WebSocket-Key", "Sec-WebSocket-Kez"},
        std::pair{"HTTP/1.1", "HTTP/1.0"}, std::pair{"Host: localhost\r\n", ""},
        std::pair{"Host: localhost\r\n", "Host: a\r\nHost: b\r\n"},
        std::pair{"Host: ", "Origin: http://evil.example\r\nHost: "}})
    CAF_CHECK_EQUAL(with(old, now), "503");
  CAF_CHECK_EQUAL(
    seen, (std::vector<unsigned>{405, 426, 426, 400, 400, 400, 400, 403}));
  client lost{port}; // on a path without an endpoint
  CAF_CHECK_EQUAL(status(lost.upgrade("/nowhere")), "404");
  CAF_CHECK_EQUAL(seen.size(), 8u);
}

CAF_TEST(C3 a handler that throws or asks for no error status is ignored) {
  auto mode = 0;
  ws->cfg.on_handshake_error = [&](const request&, handshake_error& x) {
    x.body = "changed";
    if (mode == 0)
      throw std::runtime_error("boom");
    x.status = mode == 1 ? 200 : 600;
  };
  open();
  auto reply = upgrade("Origin: null\r\n");
  CAF_CHECK_EQUAL(status(reply), "403");
  CAF_CHECK(reply.ends_with("this origin is not allowed"));
  for (mode = 1; mode <= 2; ++mode) {
    reply = upgrade("Origin: null\r\n");
    CAF_CHECK_EQUAL(status(reply), "403");
    CAF_CHECK(reply.ends_with("\r\n\r\nchanged"));
  }
}

CAF_TEST(C15 C19 with the settings of the original all refusals are 503) {
  ws->cfg = iris_compat_config();
  open();
  client peer{port};
  peer.send(
    "POST /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
    "Connection: upgrade\r\n\r\n");
  CAF_CHECK_EQUAL(status(peer.read_all()), "503");
  CAF_CHECK_EQUAL(status(upgrade("Origin: http://anybody.example\r\n")), "101");
}

// -- origins ------------------------------------------------------------------

CAF_TEST(C4 a page of somebody else cannot use a visitors session) {
  // The original accepted every origin, so this page could have acted in the
  // name of the cookie's owner.
  open();
  auto reply = upgrade("Origin: https://evil.example\r\nCookie: session=1\r\n");
  CAF_CHECK_EQUAL(status(reply), "403");
  CAF_CHECK(ws->log.empty());
}

CAF_TEST(C4 origins on the list are let in besides the own) {
  ws->cfg.allowed_origins = {"https://a.example", "http://*.b.example:8080"};
  open();
  auto answer = [&](const std::string& origin) {
    return status(upgrade("Origin: " + origin + "\r\n"));
  };
  auto is_secure = client::tls_by_default.has_value();
  CAF_CHECK_EQUAL(answer("http://localhost"), is_secure ? "403" : "101");
  CAF_CHECK_EQUAL(answer("https://localhost"), "101");
  CAF_CHECK_EQUAL(answer("https://A.example"), "101");
  CAF_CHECK_EQUAL(answer("http://x.y.b.example:8080"), "101");
  CAF_CHECK_EQUAL(answer("http://a.example"), "403");
  CAF_CHECK_EQUAL(answer("https://a.example:8443"), "403");
  CAF_CHECK_EQUAL(answer("http://b.example:8080"), "403");
  CAF_CHECK_EQUAL(answer("http://x.b.example"), "403");
  CAF_CHECK_EQUAL(answer("null"), "403");
}

CAF_TEST(C4 pages without an origin can be let in by name) {
  ws->cfg.allowed_origins = {"null", "file://"};
  CAF_CHECK_EQUAL(ws->cfg.validate(), caf::none);
  open();
  CAF_CHECK_EQUAL(status(upgrade("Origin: null\r\n")), "101");
  CAF_CHECK_EQUAL(status(upgrade("Origin: file://\r\n")), "101");
  CAF_CHECK_EQUAL(status(upgrade("Origin: http://evil.example\r\n")), "403");
}

// -- time ---------------------------------------------------------------------

CAF_TEST(C5 a head that is never finished is cut by its endpoints time) {
  // The original only limited the time of writing its response.
  ws->cfg.handshake_timeout = 200ms; // the listener's is ten seconds
  open();
  client peer{port};
  peer.send("GET /ws HTTP/1.1\r\nHost: local");
  CAF_CHECK_EQUAL(peer.read_all(), "");
  CAF_CHECK_EQUAL(lines.pop().payload, "127.0.0.1: no whole request in time");
}

CAF_TEST(C5 a head that comes byte by byte is cut by its endpoints time) {
  ws->cfg.handshake_timeout = 300ms;
  open();
  client peer{port};
  peer.send("GET /ws HTTP/1.1\r\nX: ");
  auto began = std::chrono::steady_clock::now();
  auto bytes_taken = 0;
  for (; peer.try_send("x"); ++bytes_taken) // progress must not count
    std::this_thread::sleep_for(2ms);
  CAF_CHECK_GREATER(bytes_taken, 1);
  CAF_CHECK(std::chrono::steady_clock::now() - began < 5s);
}

CAF_TEST(C5 the time of one endpoint is not that of another) {
  routes.add("/page", content{"page", "text/plain"});
  ws->cfg.handshake_timeout = 200ms;
  open();
  client page{port};
  page.send("GET /page HTTP/1.1\r\n");
  client socket{port};
  socket.send("GET /ws HTTP/1.1\r\n");
  CAF_CHECK_EQUAL(socket.read_all(), "");
  page.send("Host: x\r\n\r\n");
  CAF_CHECK_EQUAL(status(page.read_until("\r\n\r\n")), "200");
}

CAF_TEST(C5 the time begins anew with another request of a connection) {
  ws->cfg.handshake_timeout = 200ms;
  open();
  client peer{port};
  peer.get("/healthz");
  client witness{port}; // closed at the end of its time
  witness.send("GET /ws HTTP/1.1\r\n");
  CAF_CHECK_EQUAL(witness.read_all(), "");
  CAF_CHECK_EQUAL(status(peer.upgrade("/ws")), "101");
}

CAF_TEST(C5 the shorter of the two times counts) {
  port_cfg.request_timeout = 200ms;
  ws->cfg.handshake_timeout = 24h;
  open();
  client peer{port};
  peer.send("GET /ws HTTP/1.1\r\n");
  CAF_CHECK_EQUAL(peer.read_all(), "");
}

CAF_TEST(C5 a handshake that is done in time lives on) {
  ws->cfg.handshake_timeout = 200ms;
  ws->echoes = true;
  open();
  auto socket = connect();
  client witness{port};
  witness.send("GET /ws HTTP/1.1\r\n");
  CAF_CHECK_EQUAL(witness.read_all(), "");
  socket.send_text("still here");
  CAF_CHECK_EQUAL(socket.read_message().payload, "still here");
}

// -- the log ------------------------------------------------------------------

CAF_TEST(a refusal leaves a line that says why and from where) {
  open();
  upgrade("Origin: http://evil.example\r\n");
  CAF_CHECK_EQUAL(
    lines.pop().payload,
    "127.0.0.1: handshake refused with 403: this origin is not allowed "
    "(from http://evil.example)");
}

CAF_TEST_FIXTURE_SCOPE_END()
