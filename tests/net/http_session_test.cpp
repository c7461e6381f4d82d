#define CAF_SUITE net.http_session

#include "net/http/http_session.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/socket_stage.hpp"

using namespace std::literals;
using namespace troupe;
using namespace troupe::test;

namespace {

constexpr std::string_view get_page = "GET /page HTTP/1.1\r\nHost: x\r\n\r\n";

struct fixture : socket_stage {
  fixture() {
    routes.add("/page", content{"<p>page</p>",
                                "text/html; charset=utf-8",
                                {{"Content-Security-Policy", "default-src"}}});
    routes.add("/files/*", content{"a file", "text/plain"});
    routes.add("/both", content{"for browsers", "text/plain"});
    routes.add("/both", ws);
  }

  /// Returns the status of the response to `bytes`. The connection must close.
  std::string refused(std::string_view bytes) {
    client peer{port};
    peer.try_send(bytes); // a refusal may come early
    auto reply = peer.read_all();
    CAF_CHECK_EQUAL(field(reply, "Connection"), "close");
    return status(reply);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(http_session_tests, fixture)

// -- pages --------------------------------------------------------------------

CAF_TEST(a page comes with all that a browser needs to know) {
  open();
  client peer{port};
  auto reply = peer.get("/page?x=1");
  CAF_CHECK_EQUAL(status(reply), "200");
  CAF_CHECK_EQUAL(field(reply, "Content-Type"), "text/html; charset=utf-8");
  CAF_CHECK_EQUAL(field(reply, "Content-Length"), "11");
  CAF_CHECK_EQUAL(field(reply, "X-Content-Type-Options"), "nosniff");
  CAF_CHECK_EQUAL(field(reply, "Content-Security-Policy"), "default-src");
  CAF_CHECK_EQUAL(field(reply, "Cache-Control"), "no-cache");
  CAF_CHECK_EQUAL(field(reply, "Date").size(), 29u);
  CAF_CHECK(reply.ends_with("\r\n\r\n<p>page</p>"));
}

CAF_TEST(a page that did not change is not sent again) {
  open();
  client peer{port};
  auto etag = field(peer.get("/page"), "ETag");
  CAF_CHECK(etag.size() > 2 && etag.front() == '"' && etag.back() == '"');
  for (const auto& x :
       {etag, "W/" + etag, "\"other\", " + etag, std::string{"*"}}) {
    auto reply = peer.get("/page", "If-None-Match: " + x + "\r\n");
    CAF_CHECK_EQUAL(status(reply), "304");
    CAF_CHECK_EQUAL(field(reply, "ETag"), etag);
    CAF_CHECK_EQUAL(field(reply, "Content-Length"), "");
  }
  CAF_CHECK_EQUAL(status(peer.get("/page", "If-None-Match: \"x\"\r\n")), "200");
}

CAF_TEST(HEAD is GET without a body) {
  open();
  client peer{port};
  auto head = peer.ask("HEAD /page HTTP/1.1\r\nHost: x\r\n");
  CAF_CHECK_EQUAL(status(head), "200");
  CAF_CHECK_EQUAL(field(head, "Content-Length"), "11");
  CAF_CHECK_EQUAL(status(peer.get("/page")), "200"); // there was no body
}

CAF_TEST(paths lead where they should) {
  open();
  client peer{port};
  CAF_CHECK_EQUAL(status(peer.get("/healthz")), "200");
  CAF_CHECK_EQUAL(status(peer.get("/files/deep/down.txt")), "200");
  CAF_CHECK_EQUAL(status(peer.get("/files")), "404");
  CAF_CHECK_EQUAL(status(peer.get("/pages")), "404");
  CAF_CHECK_EQUAL(status(peer.get("/page/")), "404");
  CAF_CHECK_EQUAL(status(peer.get("http://localhost/page")), "200");
  CAF_CHECK_EQUAL(status(peer.get("/both")), "200");
  CAF_CHECK_EQUAL(status(peer.upgrade("/both")), "101");
}

CAF_TEST(a plain GET of a WebSocket endpoint says what it is) {
  open();
  client peer{port};
  auto reply = peer.get("/ws");
  CAF_CHECK_EQUAL(status(reply), "426");
  CAF_CHECK_EQUAL(field(reply, "Upgrade"), "websocket");
}

CAF_TEST(a large page arrives whole) {
  auto large = std::make_shared<const std::string>(3 << 20, 'x');
  routes.add("/large", content{*large, "text/plain", {}, large});
  open();
  client peer{port};
  CAF_CHECK(peer.get("/large").ends_with("\r\n\r\n" + *large));
}

// -- connections --------------------------------------------------------------

CAF_TEST(requests are answered in order however they are cut) {
  open();
  client peer{port};
  std::string three;
  for (auto path : {"/page", "/files/x", "/healthz"})
    three += "GET " + std::string{path} + " HTTP/1.1\r\nHost: x\r\n\r\n";
  peer.send(three);
  for (auto x : three)
    peer.send({&x, 1});
  for (auto i = 0; i < 2; ++i) {
    CAF_CHECK_EQUAL(peer.read_until("</p>").substr(9, 3), "200");
    CAF_CHECK_EQUAL(peer.read_until("a file").substr(9, 3), "200");
    CAF_CHECK_EQUAL(peer.read_until("ok\n").substr(9, 3), "200");
  }
}

CAF_TEST(who asks much and reads late gets all in order) {
  std::string large(8 << 20, 'x');
  routes.add("/large", content{large, "text/plain"});
  open();
  client peer{port};
  for (auto i = 0; i < 3; ++i)
    peer.send(
      "GET /large HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET /page HTTP/1.1\r\nHost: x\r\n\r\n");
  client{port}.get("/page"); // the other responses exceed the kernel's buffer
  for (auto i = 0; i < 3; ++i) {
    CAF_CHECK_EQUAL(status(peer.read_until("\r\n\r\n")), "200");
    CAF_CHECK(peer.read(large.size()) == large);
    CAF_CHECK_EQUAL(peer.read_until("</p>").substr(9, 3), "200");
  }
}

CAF_TEST(a client may ask to close) {
  open();
  client peer{port};
  peer.send("GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  auto reply = peer.read_all();
  CAF_CHECK_EQUAL(field(reply, "Connection"), "close");
  CAF_CHECK(reply.ends_with("</p>"));
}

CAF_TEST(HTTP 1.0 works and closes unless asked not to) {
  open();
  client peer{port};
  peer.send("GET /page HTTP/1.0\r\n\r\n");
  CAF_CHECK(peer.read_all().ends_with("</p>"));
  client other{port};
  auto head = other.ask("GET /page HTTP/1.0\r\nConnection: keep-alive\r\n");
  CAF_CHECK_EQUAL(field(head, "Connection"), "keep-alive");
  other.read(11);
  CAF_CHECK_EQUAL(status(other.get("/page")), "200");
}

CAF_TEST(a later version of HTTP 1 is answered as 1_1) {
  open();
  for (auto version : {"1.2", "1.9"}) {
    client peer{port};
    auto bytes = "GET /page HTTP/" + std::string{version} + "\r\nHost: x\r\n";
    for (auto x : bytes) // however it is cut
      peer.send({&x, 1});
    auto head = peer.ask("");
    CAF_CHECK(head.starts_with("HTTP/1.1 200 "));
    peer.read(11);
    CAF_CHECK_EQUAL(status(peer.get("/page")), "200");
    CAF_CHECK_EQUAL(refused("GET /page HTTP/" + std::string{version}
                            + "\r\n\r\n"), // without Host
                    "400");
  }
  client peer{port};
  auto bytes = handshake("/ws") + "\r\n";
  bytes.replace(bytes.find("HTTP/1.1"), 8, "HTTP/1.3");
  peer.send(bytes);
  CAF_CHECK_EQUAL(status(peer.read_until("\r\n\r\n")), "101");
  CAF_CHECK_EQUAL(refused("GET /page HTTP/1.10\r\nHost: x\r\n\r\n"), "400");
  CAF_CHECK_EQUAL(refused("GET /page\r\n\r\n"), "400"); // HTTP/0.9
}

CAF_TEST(empty lines before a request are skipped) {
  open();
  client peer{port};
  for (std::string before : {"", "\r\n", "\r\n\r\n\r\n\r\n"}) {
    peer.send(before + std::string{get_page});
    CAF_CHECK_EQUAL(peer.read_until("</p>").substr(9, 3), "200");
  }
  peer.send("\r\n"); // as some clients do after a request
  CAF_CHECK_EQUAL(status(peer.get("/page")), "200");
  client slow{port};
  for (char x : "\r\n\r\n" + std::string{get_page})
    slow.send({&x, 1});
  CAF_CHECK_EQUAL(slow.read_until("</p>").substr(9, 3), "200");
  CAF_CHECK_EQUAL(refused("\r\n\r\n\r\n\r\n\r\n" + std::string{get_page}),
                  "400");
  CAF_CHECK_EQUAL(refused("\n" + std::string{get_page}), "400");
  CAF_CHECK_EQUAL(refused("\r" + std::string{get_page}), "400");
}

CAF_TEST(OPTIONS tells the methods of a page) {
  open();
  client peer{port};
  for (auto target : {"/page", "/files/x"}) {
    auto head
      = peer.ask("OPTIONS " + std::string{target} + " HTTP/1.1\r\nHost: x\r\n");
    CAF_CHECK_EQUAL(status(head), "204");
    CAF_CHECK_EQUAL(field(head, "Allow"), "GET, HEAD, OPTIONS");
    CAF_CHECK_EQUAL(field(head, "Content-Length"), "");
  }
  auto all = peer.ask("OPTIONS * HTTP/1.1\r\nHost: x\r\n");
  CAF_CHECK_EQUAL(status(all), "204");
  CAF_CHECK_EQUAL(field(all, "Allow"), "GET, HEAD, POST, OPTIONS");
  CAF_CHECK_EQUAL(status(peer.get("/page")), "200"); // there were no bodies
  CAF_CHECK_EQUAL(status(peer.get("*")), "404");
  auto head = peer.ask("OPTIONS /nowhere HTTP/1.1\r\nHost: x\r\n");
  CAF_CHECK_EQUAL(status(head), "404");
}

CAF_TEST(C5 a slow request is cut in time) {
  port_cfg.request_timeout = 200ms;
  open();
  client silent{port};
  client slow{port};
  slow.send("GET /page HTTP/1.1\r\nHost: ");
  CAF_CHECK_EQUAL(silent.read_all(), "");
  CAF_CHECK_EQUAL(slow.read_all(), "");
  client second_request{port};
  second_request.get("/page");
  second_request.send("GET ");
  CAF_CHECK_EQUAL(second_request.read_all(), "");
}

CAF_TEST(an idle connection is closed in time) {
  port_cfg.keep_alive_timeout = 200ms;
  open();
  client peer{port};
  CAF_CHECK_EQUAL(status(peer.get("/page")), "200");
  CAF_CHECK_EQUAL(peer.read_all(), "");
}

CAF_TEST(who does not read an answer is cut in time) {
  port_cfg.keep_alive_timeout = 200ms;
  auto large = std::make_shared<const std::string>(64 << 20, 'x');
  routes.add("/large", content{*large, "text/plain", {}, large});
  open();
  client peer{port, "127.0.0.1", 4096};
  peer.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  client witness{port}; // not closed before the first should be
  witness.get("/page");
  CAF_CHECK_EQUAL(witness.read_all(), "");
  CAF_CHECK_LESS(peer.read_all().size(), large->size());
}

CAF_TEST(a client that goes away does no harm) {
  open();
  for (auto bytes : {"", "GE", "GET /page HTTP/1.1\r\nHost: x\r\n\r\n"}) {
    client peer{port};
    peer.send(bytes);
    peer.reset();
  }
  client peer{port};
  CAF_CHECK_EQUAL(status(peer.get("/page")), "200");
}

// -- refusals (the table of hostile requests) ---------------------------------

CAF_TEST(Host must be there exactly once) {
  open();
  CAF_CHECK_EQUAL(refused("GET /page HTTP/1.1\r\n\r\n"), "400");
  CAF_CHECK_EQUAL(refused("GET /page HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
                  "400");
}

CAF_TEST(malformed heads are refused) {
  open();
  for (std::string_view bytes : {
         "GET /page HTTP/1.1\r\nHost: x\r\nBad Name: x\r\n\r\n",
         "GET /page HTTP/1.1\r\nHost: x\r\nName : x\r\n\r\n",
         "GET /page HTTP/1.1\r\nHost: x\r\n: x\r\n\r\n",
         "GET /page HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
         "GET /page HTTP/1.1\r\nHost: x\r\nA: \x01\r\n\r\n",
         "GET /page HTTP/1.1\r\nHost: x\r\nA: a\rb\r\n\r\n",
         "GET /page HTTP/1.1\r\nHost: x\r\nA: a\r\n b\r\n\r\n",
         "GET /page HTTP/9.9\r\nHost: x\r\n\r\n",
         "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
         "GET /pa\x01ge HTTP/1.1\r\nHost: x\r\n\r\n",
         "GET  HTTP/1.1\r\nHost: x\r\n\r\n",
       })
    CAF_CHECK_EQUAL(refused(bytes), "400");
  CAF_CHECK_EQUAL(refused("GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n"sv), "400");
}

CAF_TEST(a malformed request after a good one ends the connection) {
  open();
  client peer{port};
  peer.send(std::string{get_page} + "BAD\r\n\r\n" + std::string{get_page});
  CAF_CHECK_EQUAL(status(peer.read_until("</p>")), "200");
  auto rest = peer.read_all();
  CAF_CHECK_EQUAL(status(rest), "400");
  CAF_CHECK_EQUAL(field(rest, "Connection"), "close");
  CAF_CHECK(rest.find("200 OK") == rest.npos);
}

CAF_TEST(bodies are refused) {
  open();
  auto with = [](std::string_view fields) {
    return "GET /page HTTP/1.1\r\nHost: x\r\n" + std::string{fields} + "\r\n";
  };
  for (std::string_view fields : {
         "Content-Length: -1\r\n",
         "Content-Length: x\r\n",
         "Content-Length: 99999999999999999999999\r\n",
         "Content-Length: 1\r\nContent-Length: 2\r\n",
         "Content-Length: 1, 1\r\n",
         "Transfer-Encoding: chunked\r\n",
         "Transfer-Encoding: gzip\r\n",
         "Transfer-Encoding: chunked, identity\r\n",
         "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
         "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
       })
    CAF_CHECK_EQUAL(refused(with(fields)), "400");
  CAF_CHECK_EQUAL(refused(with("Content-Length: 5\r\n") + "hello"), "413");
  CAF_CHECK_EQUAL(refused("POST /page HTTP/1.1\r\nHost: x\r\n"
                          "Content-Length: 5\r\n\r\nhello"),
                  "405");
  client peer{port};
  CAF_CHECK_EQUAL(status(peer.get("/page", "Content-Length: 0\r\n")), "200");
}

CAF_TEST(huge heads are refused at once) {
  open();
  std::string many = "GET /page HTTP/1.1\r\nHost: x\r\n";
  for (auto i = 0; i < 20000; ++i)
    many += "a: b\r\n";
  CAF_CHECK_EQUAL(refused(many), "431");
  CAF_CHECK_EQUAL(refused("GET /" + std::string(1 << 20, 'x')), "431");
  CAF_CHECK_EQUAL(refused("GET / HTTP/1.1\r\nHost: x\r\nCookie: "
                          + std::string(1 << 20, 'x')),
                  "431");
}

CAF_TEST(other methods are refused) {
  open();
  client peer{port};
  auto head = peer.ask("DELETE /page HTTP/1.1\r\nHost: x\r\n");
  CAF_CHECK_EQUAL(status(head), "405");
  CAF_CHECK_EQUAL(field(head, "Allow"), "GET, HEAD, OPTIONS");
  peer.read(std::stoul(field(head, "Content-Length")));
  CAF_CHECK_EQUAL(status(peer.get("/page")), "200");
  for (auto path : {"/page", "/ws", "/nowhere"})
    CAF_CHECK_EQUAL(
      refused("BREW " + std::string{path} + " HTTP/1.1\r\nHost: x\r\n\r\n"),
      "501");
}

CAF_TEST(a target of other characters than those of a URI is refused) {
  open();
  for (std::string target : {"/page#x", "/page?#", "/p\xC3\xA4ge", "/page\xFF",
                             "/page?x=\x80", "http://x/page#x"})
    CAF_CHECK_EQUAL(refused("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n"),
                    "400");
  client peer{port};
  CAF_CHECK_EQUAL(status(peer.get("/page?%C3%A4={|}[^]`\\\"<>%23")), "200");
}

CAF_TEST(Host must be a host) {
  open();
  for (std::string host : {"user@host", "a b", "[::1", "<x>", "", "x:y"})
    CAF_CHECK_EQUAL(refused("GET /page HTTP/1.1\r\nHost: " + host + "\r\n\r\n"),
                    "400");
  client peer{port};
  for (std::string host : {"a_b:80", "b%C3%BCcher", "[::1]:8080"}) {
    auto head = peer.ask("GET /page HTTP/1.1\r\nHost: " + host + "\r\n");
    CAF_CHECK_EQUAL(status(head), "200");
    peer.read(11);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
