#define CAF_SUITE net.http_handler

#include "troupe/http.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/socket_stage.hpp"
#include "support/contains.hpp"

#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

using namespace troupe;
using namespace troupe::test;

namespace {

struct fixture : socket_stage {
  /// Routes /h and everything below /h/ to `f`, and opens the port.
  template <class F>
  void open_with(F f) {
    auto handler = make_http_handler(std::move(f));
    CAF_REQUIRE(!routes.add("/h", handler));
    CAF_REQUIRE(!routes.add("/h/*", handler));
    open();
  }

  /// Makes the test respond.
  void open_waiting() {
    open_with([this](const request&, http_responder x) { responders.push(x); });
  }

  /// Sends a request for `/h`.
  client begin() const {
    client result{port};
    result.send("GET /h HTTP/1.1\r\nHost: x\r\n\r\n");
    return result;
  }

  static std::string status_of(client& peer) {
    return status(peer.read_until("\r\n\r\n"));
  }

  queue<http_responder> responders;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(http_handler_tests, fixture)

CAF_TEST(a handler sees the request and returns the response) {
  open_with([](const request& x) {
    return response{.body = std::string{x.method()} + ' ' + x.wildcard() + ' '
                            + x.query("q"),
                    .type = "text/x-test",
                    .status = 201,
                    .fields = {{"X-One", "1"}}};
  });
  client peer{port};
  auto reply = peer.get("/h/a%20b?q=c");
  CAF_CHECK_EQUAL(status(reply), "201");
  CAF_CHECK_EQUAL(field(reply, "Content-Type"), "text/x-test");
  CAF_CHECK_EQUAL(field(reply, "X-One"), "1");
  CAF_CHECK_EQUAL(field(reply, "X-Content-Type-Options"), "nosniff");
  CAF_CHECK(reply.ends_with("\r\n\r\nGET a b c"));
  CAF_CHECK(peer.get("/h").ends_with("GET  ")); // on the same connection
}

CAF_TEST(HEAD gets no body) {
  open_with([](const request&) { return response{.body = "five!"}; });
  client peer{port};
  auto head = peer.ask("HEAD /h HTTP/1.1\r\nHost: x\r\n");
  CAF_CHECK_EQUAL(field(head, "Content-Length"), "5");
  CAF_CHECK(peer.get("/h").ends_with("\r\n\r\nfive!"));
}

CAF_TEST(a status without content has no body) {
  open_with([](const request& x) {
    auto code = x.path() == "/h" ? 204u : 304u;
    return response{.body = "evil", .status = code};
  });
  client peer{port};
  for (std::string path : {"/h", "/h/x"}) {
    auto head = peer.ask("GET " + path + " HTTP/1.1\r\nHost: x\r\n");
    CAF_CHECK_EQUAL(field(head, "Content-Length"), "");
    CAF_CHECK_EQUAL(status(head), path == "/h" ? "204" : "304");
  }
  CAF_CHECK_EQUAL(status(peer.get("/healthz")), "200");
}

CAF_TEST(other methods and bodies are refused) {
  open_with([](const request&) { return response{}; });
  client post{port};
  post.send("POST /h HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  CAF_CHECK_EQUAL(status_of(post), "405");
  client body{port};
  body.send("GET /h HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx");
  CAF_CHECK_EQUAL(status(body.read_all()), "413");
}

CAF_TEST(a handler may respond later and on any thread) {
  open_waiting();
  auto peer = begin();
  auto x = responders.pop();
  client other{port};
  CAF_CHECK_EQUAL(status(other.get("/healthz")), "200");
  CAF_CHECK(peer.is_quiet());
  std::thread{[x] { x.send({.body = "late"}); }}.join();
  CAF_CHECK_EQUAL(status_of(peer), "200");
  CAF_CHECK_EQUAL(peer.read(4), "late");
}

CAF_TEST(requests that arrive meanwhile are answered in order) {
  open_waiting();
  auto peer = begin();
  peer.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  responders.pop().send({.body = "first"});
  CAF_CHECK_EQUAL(status_of(peer), "200");
  CAF_CHECK_EQUAL(peer.read(5), "first");
  CAF_CHECK_EQUAL(status_of(peer), "200");
  CAF_CHECK_EQUAL(peer.read(3), "ok\n");
}

CAF_TEST(only the first response is sent) {
  open_with([](const request&, const http_responder& x) {
    x.send({.body = "one"});
    x.send({.body = "two"});
  });
  client peer{port};
  CAF_CHECK(peer.get("/h").ends_with("one"));
  CAF_CHECK(peer.get("/h").ends_with("one"));
}

CAF_TEST(a handler without a response is an error) {
  open_with([](const request&, const http_responder&) {});
  client peer{port};
  CAF_CHECK_EQUAL(status(peer.get("/h")), "500");
}

CAF_TEST(a handler that throws is an error) {
  open_with([](const request& x) -> response {
    if (x.path() == "/h")
      throw std::runtime_error{"no"};
    return {.body = "fine"};
  });
  client peer{port};
  CAF_CHECK_EQUAL(status(peer.get("/h")), "500");
  CAF_CHECK(peer.get("/h/x").ends_with("fine"));
}

CAF_TEST(an invalid response is an error) {
  response x;
  open_with([&x](const request&) { return x; });
  auto check = [&](response invalid) {
    x = std::move(invalid);
    client peer{port};
    auto reply = peer.get("/h");
    CAF_CHECK_EQUAL(status(reply), "500");
    CAF_CHECK(!contains(reply, "evil"));
  };
  check({.status = 101});
  check({.status = 600});
  check({.type = "text/plain\r\nevil: 1"});
  check({.fields = {{"X", "1\r\nevil: 1"}}});
  check({.fields = {{"content-length", "evil"}}});
}

CAF_TEST(a response that is late is 503 and does not answer the next request) {
  port_cfg.response_timeout = 300ms;
  open_waiting();
  auto peer = begin();
  auto late = responders.pop();
  CAF_CHECK_EQUAL(status_of(peer), "503");
  peer.read(std::string{"no response in time\n"}.size());
  peer.send("GET /h HTTP/1.1\r\nHost: x\r\n\r\n");
  auto next = responders.pop();
  late.send({.body = "wrong"});
  next.send({.body = "right"});
  CAF_CHECK_EQUAL(status_of(peer), "200");
  CAF_CHECK_EQUAL(peer.read(5), "right");
}

CAF_TEST(only so many requests wait) {
  port_cfg.max_waiting_requests = 1;
  open_waiting();
  auto first = begin();
  auto x = responders.pop();
  auto second = begin();
  CAF_CHECK_EQUAL(status_of(second), "503");
  x.send({});
  CAF_CHECK_EQUAL(status_of(first), "200");
  auto third = begin();
  responders.pop().send({});
  CAF_CHECK_EQUAL(status_of(third), "200");
}

CAF_TEST(the responder shows that the client has gone) {
  open_waiting();
  auto x = [this] {
    auto peer = begin();
    return responders.pop();
  }();
  while (!x.is_gone()) // Ends by the time-out of the test, otherwise.
    std::this_thread::yield();
  x.send({});
}

CAF_TEST(a path has one content) {
  auto handler = make_http_handler([](const request&) { return response{}; });
  CAF_CHECK(!routes.add("/one", handler));
  CAF_CHECK(routes.add("/one", handler));
  CAF_CHECK(routes.add("/one", content{"page", "text/plain"}));
  CAF_CHECK(!routes.add("/two", content{"page", "text/plain"}));
  CAF_CHECK(routes.add("/two", handler));
  CAF_CHECK(!routes.add("/readyz", handler)); // replaces the built-in page
  CAF_CHECK(routes.add("no slash", handler));
}

CAF_TEST_FIXTURE_SCOPE_END()
