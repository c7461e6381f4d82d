#define CAF_SUITE net.http_post

#include "troupe/http.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/socket_stage.hpp"
#include "support/contains.hpp"
#include "troupe/codec.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

using namespace troupe;
using namespace troupe::test;

namespace {

struct login {
  std::string name;
  uint8_t age = 0;
};

void from_json(const nlohmann::json& x, login& out) {
  x.at("name").get_to(out.name);
  x.at("age").get_to(out.age);
}

struct fixture : socket_stage {
  fixture() {
    port_cfg.max_body_size = 1000;
  }

  /// Routes POST requests for /p and everything below /p/ to `f`, and opens the
  /// port.
  template <class F>
  void open_with(F f) {
    auto handler = make_http_handler(std::move(f));
    CAF_REQUIRE(!routes.add_post("/p", handler));
    CAF_REQUIRE(!routes.add_post("/p/*", handler));
    open();
  }

  /// Makes the server respond with the body of the request.
  void open_echo() {
    open_with([](const request& x) { return response{.body = x.body()}; });
  }

  /// Makes the test respond.
  void open_waiting() {
    open_with([this](const request& x, http_responder y) {
      bodies.push(x.body());
      responders.push(std::move(y));
    });
  }

  static std::string head(std::string_view fields,
                          std::string_view path = "/p") {
    return "POST " + std::string{path} + " HTTP/1.1\r\nHost: x\r\n"
           + std::string{fields} + "\r\n";
  }

  static std::string with_length(std::string_view body,
                                 std::string_view fields = "") {
    return head("Content-Length: " + std::to_string(body.size()) + "\r\n"
                + std::string{fields})
           + std::string{body};
  }

  static std::string chunked(std::string_view chunks) {
    return head("Transfer-Encoding: chunked\r\n") + std::string{chunks};
  }

  /// Returns the body of the next response.
  static std::string body_of(client& peer) {
    auto reply = peer.read_until("\r\n\r\n");
    CAF_CHECK_EQUAL(status(reply), "200");
    return peer.read(std::stoul(field(reply, "Content-Length")));
  }

  static std::string status_of(client& peer) {
    auto reply = peer.read_until("\r\n\r\n");
    if (auto size = field(reply, "Content-Length"); !size.empty())
      peer.read(std::stoul(size));
    return status(reply);
  }

  /// Returns the status of the response to `bytes`. The connection must close.
  std::string refused(std::string_view bytes) {
    client peer{port};
    peer.try_send(bytes); // a refusal may come early
    auto reply = peer.read_all();
    CAF_CHECK_EQUAL(field(reply, "Connection"), "close");
    CAF_CHECK(!contains(reply, "200 OK"));
    return status(reply);
  }

  queue<std::string> bodies;
  queue<http_responder> responders;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(http_post_tests, fixture)

// -- bodies -------------------------------------------------------------------

CAF_TEST(a handler gets the body and the connection continues) {
  open_with([](const request& x) {
    return response{.body = std::string{x.method()} + ' ' + x.wildcard() + ' '
                            + x.body()};
  });
  client peer{port};
  peer.send(head("Content-Length: 5\r\n", "/p/a%20b") + "hello");
  CAF_CHECK_EQUAL(body_of(peer), "POST a b hello");
  peer.send(chunked("5\r\nhello\r\n7;x=y\r\n, world\r\n0\r\nA: b\r\n\r\n"));
  CAF_CHECK_EQUAL(body_of(peer), "POST  hello, world");
  peer.send(head(""));
  CAF_CHECK_EQUAL(body_of(peer), "POST  ");
  peer.send(with_length(""));
  CAF_CHECK_EQUAL(body_of(peer), "POST  ");
}

CAF_TEST(requests behind a body are answered however they are cut) {
  open_echo();
  client peer{port};
  auto all = with_length("one") + chunked("3\r\ntwo\r\n0\r\n\r\n")
             + "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + with_length("four");
  peer.send(all);
  for (auto x : all)
    peer.send({&x, 1});
  for (auto i = 0; i < 2; ++i)
    for (std::string expected : {"one", "two", "ok\n", "four"})
      CAF_CHECK_EQUAL(body_of(peer), expected);
}

CAF_TEST(a body may be as large as the limit) {
  open_echo();
  std::string most(port_cfg.max_body_size, 'x');
  client peer{port};
  peer.send(with_length(most));
  CAF_CHECK_EQUAL(body_of(peer), most);
  peer.send(chunked("3e8\r\n" + most + "\r\n0\r\n\r\n"));
  CAF_CHECK_EQUAL(body_of(peer), most);
}

CAF_TEST(a body that is too large is refused before it is read) {
  open_echo();
  CAF_CHECK_EQUAL(refused(head("Content-Length: 1001\r\n")), "413");
  CAF_CHECK_EQUAL(refused(head("Content-Length: 18446744073709551615\r\n")),
                  "413");
  CAF_CHECK_EQUAL(refused(chunked("3e9\r\n")), "413");
  CAF_CHECK_EQUAL(refused(chunked("1\r\nx\r\n3e8\r\n")), "413");
  CAF_CHECK_EQUAL(refused(with_length(std::string(8 << 20, 'x'))), "413");
}

CAF_TEST(a limit of zero permits no body) {
  port_cfg.max_body_size = 0;
  open_echo();
  CAF_CHECK_EQUAL(refused(with_length("x")), "413");
  CAF_CHECK_EQUAL(refused(chunked("1\r\n")), "413");
  client peer{port};
  peer.send(with_length(""));
  CAF_CHECK_EQUAL(body_of(peer), "");
  peer.send(chunked("0\r\n\r\n"));
  CAF_CHECK_EQUAL(body_of(peer), "");
}

CAF_TEST(malformed bodies are refused) {
  open_echo();
  for (std::string_view fields : {
         "Content-Length: -1\r\n",
         "Content-Length: x\r\n",
         "Content-Length: 1, 1\r\n",
         "Content-Length: 1\r\nContent-Length: 2\r\n",
         "Content-Length: 99999999999999999999999\r\n",
         "Transfer-Encoding: gzip\r\n",
         "Transfer-Encoding: gzip, chunked\r\n",
         "Transfer-Encoding: chunked, identity\r\n",
         "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
         "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
         "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
       })
    CAF_CHECK_EQUAL(refused(head(fields) + "0\r\n\r\n"), "400");
  for (std::string_view chunks :
       {"banana\r\n", "-1\r\n", "0x1\r\n", "1\nx", "1\r\nxx", "0\r\nA\r\n"})
    CAF_CHECK_EQUAL(refused(chunked(chunks)), "400");
  CAF_CHECK_EQUAL(refused(chunked("5;" + std::string(300000, 'x'))), "400");
  CAF_CHECK_EQUAL(
    refused(chunked("0\r\nA: " + std::string(100000, 'x') + "\r\n\r\n")),
    "400");
  CAF_CHECK_EQUAL(refused("POST /p HTTP/1.0\r\nHost: x\r\n"
                          "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                  "400");
}

CAF_TEST(a body that is not complete in time closes the connection) {
  port_cfg.request_timeout = 200ms;
  open_echo();
  client slow{port};
  slow.send(head("Content-Length: 5\r\n") + "hell");
  CAF_CHECK_EQUAL(slow.read_all(), "");
  client second{port};
  second.send(with_length("x"));
  CAF_CHECK_EQUAL(body_of(second), "x");
  second.send(chunked("5\r\nhell"));
  CAF_CHECK_EQUAL(second.read_all(), "");
}

CAF_TEST(a client that goes away within its body does no harm) {
  open_echo();
  for (auto bytes : {head("Content-Length: 5\r\n"), chunked("5\r\nhe")}) {
    client peer{port};
    peer.send(bytes);
    peer.reset();
    client half{port};
    half.send(bytes);
    CAF_CHECK_EQUAL(half.read_after_close(), "");
  }
  client peer{port};
  peer.send(with_length("x"));
  CAF_CHECK_EQUAL(body_of(peer), "x");
}

// -- expectations -------------------------------------------------------------

CAF_TEST(a client that expects it is told to continue) {
  constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  open_echo();
  client peer{port};
  for (auto i = 0; i < 2; ++i) {
    peer.send(head("Content-Length: 5\r\nExpect: 100-continue\r\n"));
    CAF_CHECK_EQUAL(peer.read(go_on.size()), go_on);
    peer.send("hello");
    CAF_CHECK_EQUAL(body_of(peer), "hello");
  }
  peer.send(head("Transfer-Encoding: chunked\r\nExpect: 100-Continue\r\n"));
  CAF_CHECK_EQUAL(peer.read(go_on.size()), go_on);
  peer.send("0\r\n\r\n");
  CAF_CHECK_EQUAL(body_of(peer), "");
  peer.send(with_length("hello", "Expect: 100-continue\r\n")); // did not wait
  CAF_CHECK_EQUAL(body_of(peer), "hello");
}

CAF_TEST(a client that expects to continue in vain gets the final status) {
  open_echo();
  auto waiting = [](std::string_view fields) {
    return std::string{fields} + "Expect: 100-continue\r\n";
  };
  CAF_CHECK_EQUAL(refused(head(waiting("Content-Length: 1001\r\n"))), "413");
  CAF_CHECK_EQUAL(refused(head(waiting("Content-Length: 1\r\n"), "/healthz")),
                  "405");
  CAF_CHECK_EQUAL(refused(head(waiting("Content-Length: 1\r\n"), "/nowhere")),
                  "404");
  CAF_CHECK_EQUAL(refused(head("Content-Length: 1\r\nExpect: a miracle\r\n")),
                  "417");
}

// -- methods and origins ------------------------------------------------------

CAF_TEST(methods are those with a handler) {
  auto text = make_http_handler(
    [](const request& x) { return response{.body = std::string{x.method()}}; });
  CAF_CHECK(!routes.add("/both", text));
  CAF_CHECK(!routes.add_post("/both", text));
  CAF_CHECK(!routes.add_post("/page", text));
  CAF_CHECK(!routes.add("/page", content{"page", "text/plain"}));
  CAF_CHECK(!routes.add_post("/ws", text));
  open_echo();
  client peer{port};
  auto allowed = [&](const std::string& method, const std::string& path) {
    auto reply = peer.ask(method + ' ' + path + " HTTP/1.1\r\nHost: x\r\n");
    if (auto size = field(reply, "Content-Length");
        !size.empty() && method != "HEAD")
      peer.read(std::stoul(size));
    return status(reply) + ' ' + field(reply, "Allow");
  };
  CAF_CHECK_EQUAL(allowed("GET", "/p"), "405 POST, OPTIONS");
  CAF_CHECK_EQUAL(allowed("HEAD", "/p"), "405 POST, OPTIONS");
  CAF_CHECK_EQUAL(allowed("OPTIONS", "/p"), "204 POST, OPTIONS");
  CAF_CHECK_EQUAL(allowed("PUT", "/both"), "405 GET, HEAD, POST, OPTIONS");
  CAF_CHECK_EQUAL(allowed("POST", "/both"), "200 ");
  CAF_CHECK_EQUAL(allowed("HEAD", "/both"), "200 ");
  CAF_CHECK_EQUAL(allowed("GET", "/page"), "200 ");
  CAF_CHECK_EQUAL(allowed("POST", "/page"), "200 ");
  CAF_CHECK_EQUAL(allowed("POST", "/ws"), "200 ");
  CAF_CHECK_EQUAL(allowed("POST", "/healthz"), "405 GET, HEAD, OPTIONS");
  CAF_CHECK_EQUAL(allowed("GET", "/ws"), "426 ");
  CAF_CHECK_EQUAL(status(peer.upgrade("/ws")), "101");
}

CAF_TEST(a body for another method is refused) {
  open_echo();
  for (auto method : {"OPTIONS", "GET", "PUT"})
    CAF_CHECK_EQUAL(refused(std::string{method}
                            + " /healthz HTTP/1.1\r\nHost: x\r\n"
                              "Content-Length: 5\r\n\r\nhello"),
                    method == std::string{"PUT"} ? "405" : "413");
}

CAF_TEST(a page of another origin cannot post) {
  open_echo();
  auto from = [&](std::string_view origin) {
    client peer{port};
    peer.send(with_length("x", "Origin: " + std::string{origin} + "\r\n"));
    return status_of(peer);
  };
  CAF_CHECK_EQUAL(from("https://evil.example"), "403");
  CAF_CHECK_EQUAL(from("http://x.evil.example"), "403");
  CAF_CHECK_EQUAL(from("null"), "403");
  CAF_CHECK_EQUAL(from("chrome-extension://x"), "403");
  CAF_CHECK_EQUAL(from(port_cfg.tls.is_enabled() ? "https://x" : "http://x"),
                  "200");
}

CAF_TEST(a path has one handler for POST) {
  auto handler = make_http_handler([](const request&) { return response{}; });
  CAF_CHECK(!routes.add_post("/one", handler));
  CAF_CHECK(routes.add_post("/one", handler));
  CAF_CHECK(!routes.add("/one", handler));
  CAF_CHECK(routes.add_post("no slash", handler));
}

// -- responses ----------------------------------------------------------------

CAF_TEST(a handler may respond later while requests wait behind) {
  open_waiting();
  client peer{port};
  peer.send(with_length("one") + with_length("two"));
  CAF_CHECK_EQUAL(bodies.pop(), "one");
  CAF_CHECK(peer.is_quiet());
  CAF_CHECK(bodies.empty());
  std::thread{[x = responders.pop()] { x.send({.body = "first"}); }}.join();
  CAF_CHECK_EQUAL(body_of(peer), "first");
  CAF_CHECK_EQUAL(bodies.pop(), "two");
  responders.pop().send({.body = "second"});
  CAF_CHECK_EQUAL(body_of(peer), "second");
}

CAF_TEST(JSON is read or refused) {
  open_with([](const request& x) {
    if (x.path() == "/p")
      return response{.body = x.json().dump()};
    auto user = x.json<login>();
    return response{.body = user.name + ' ' + std::to_string(user.age)};
  });
  client peer{port};
  auto post = [&](std::string_view type, std::string_view body,
                  std::string_view path = "/p") {
    peer.send(head("Content-Type: " + std::string{type} + "\r\nContent-Length: "
                     + std::to_string(body.size()) + "\r\n",
                   path)
              + std::string{body});
    auto reply = peer.read_until("\r\n\r\n");
    auto text = peer.read(std::stoul(field(reply, "Content-Length")));
    return status(reply) == "200" ? text : status(reply);
  };
  constexpr auto json = "application/json";
  CAF_CHECK_EQUAL(post(json, "{\"a\": 1}"), "{\"a\":1}");
  CAF_CHECK_EQUAL(post("Application/JSON; charset=utf-8", "[]"), "[]");
  CAF_CHECK_EQUAL(post("application/ld+json", "null"), "null");
  for (auto body : {"", " ", "{", "{}x", "\"\xff\"", "1e999", "nan"})
    CAF_CHECK_EQUAL(post(json, body), "400");
  for (auto type : {"", "text/plain", "application/jsonp", "text/x+json",
                    "application/x-www-form-urlencoded"})
    CAF_CHECK_EQUAL(post(type, "{}"), "415");
  auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CAF_CHECK_EQUAL(post(json, nested(max_json_depth)), nested(max_json_depth));
  CAF_CHECK_EQUAL(post(json, nested(max_json_depth + 1)), "400");
  CAF_CHECK_EQUAL(post(json, "\xEF\xBB\xBF{}"), "400");
  CAF_CHECK_EQUAL(post(json, std::string_view{"{}\0", 3}), "400");
  constexpr auto user = "/p/login";
  CAF_CHECK_EQUAL(post(json, R"({"name":"Al","age":9})", user), "Al 9");
  for (auto body : {"{}", "[]", R"({"name":1,"age":9})",
                    R"({"name":"Al","age":256})", R"({"name":"Al","age":1.5})"})
    CAF_CHECK_EQUAL(post(json, body, user), "400");
}

CAF_TEST(a handler that throws determines the status) {
  open_with([](const request& x) -> response {
    if (x.body() == "http")
      throw http_error{409, "there is one already"};
    throw std::runtime_error{"no"};
  });
  client peer{port};
  peer.send(with_length("http"));
  auto reply = peer.read_until("already");
  CAF_CHECK_EQUAL(status(reply), "409");
  peer.send(with_length("else"));
  CAF_CHECK_EQUAL(status_of(peer), "500");
}

// -- limits -------------------------------------------------------------------

CAF_TEST(only so many requests wait) {
  port_cfg.max_waiting_requests = 1;
  port_cfg.max_body_size = 10;
  open_waiting();
  client first{port};
  first.send(with_length("0123456789"));
  auto x = (bodies.pop(), responders.pop());
  client second{port};
  second.send(with_length("")); // needs no memory, but has to wait
  CAF_CHECK_EQUAL(status_of(second), "503");
  CAF_CHECK_EQUAL(refused(with_length("x")), "503");
  x.send({});
  CAF_CHECK_EQUAL(status_of(first), "200");
  second.send(with_length("0123456789"));
  bodies.pop();
  responders.pop().send({});
  CAF_CHECK_EQUAL(status_of(second), "200");
}

CAF_TEST(the last request on a connection has its body) {
  port_cfg.max_requests_per_connection = 2;
  open_echo();
  client peer{port};
  peer.send(with_length("one") + with_length("two") + with_length("three"));
  CAF_CHECK_EQUAL(body_of(peer), "one");
  auto rest = peer.read_all();
  CAF_CHECK_EQUAL(field(rest, "Connection"), "close");
  CAF_CHECK(rest.ends_with("\r\n\r\ntwo"));
}

CAF_TEST_FIXTURE_SCOPE_END()
