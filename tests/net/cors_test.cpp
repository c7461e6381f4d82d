#define CAF_SUITE net.cors

#include "troupe/cors.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/scratch_folder.hpp"
#include "net/support/socket_stage.hpp"
#include "troupe/error.hpp"

#include <string>
#include <string_view>

using namespace troupe;
using namespace troupe::test;

namespace {

const std::string friendly = "https://a.example";
const std::string evil = "https://evil.example";

struct fixture : socket_stage {
  fixture() {
    auto handler = make_http_handler(
      [](const request& x) { return response{.body = x.body()}; });
    cors others{.origins = {friendly}, .credentials = true};
    port_cfg.max_body_size = 10;
    files.write("a.txt", "five!");
    CAF_REQUIRE(!routes.add("/get", handler, others));
    CAF_REQUIRE(!routes.add("/both", handler));
    CAF_REQUIRE(!routes.add_post("/both", handler, others));
    CAF_REQUIRE(!routes.add("/f/*", files.path(), {.cors = others}));
    CAF_REQUIRE(!routes.add("/none", handler));
    open();
  }

  /// Returns the head of the response.
  std::string ask(std::string_view method, std::string_view path,
                  std::string_view origin, std::string_view fields = "") const {
    client peer{port};
    return peer.ask(std::string{method} + ' ' + std::string{path}
                    + " HTTP/1.1\r\nHost: x\r\nOrigin: " + std::string{origin}
                    + "\r\n" + std::string{fields});
  }

  /// Returns the head of the response to a preflight request.
  std::string preflight(std::string_view path, std::string_view origin,
                        std::string method) const {
    return ask("OPTIONS", path, origin,
               "Access-Control-Request-Method: " + method + "\r\n");
  }

  static std::string allowed(std::string_view head) {
    return field(head, "Access-Control-Allow-Origin");
  }

  scratch_folder files;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(cors_tests, fixture)

CAF_TEST(responses name the origin that may read them) {
  for (auto path : {"/get", "/f/a.txt", "/f/missing"}) {
    auto head = ask("GET", path, friendly);
    CAF_CHECK_EQUAL(allowed(head), friendly);
    CAF_CHECK_EQUAL(field(head, "Access-Control-Allow-Credentials"), "true");
    CAF_CHECK(head.find("\r\nVary: Origin\r\n") != head.npos);
    auto other = ask("GET", path, evil);
    CAF_CHECK_EQUAL(status(other), status(head));
    CAF_CHECK_EQUAL(allowed(other), "");
    CAF_CHECK(other.find("\r\nVary: Origin\r\n") != other.npos);
  }
  CAF_CHECK_EQUAL(allowed(ask("GET", "/none", friendly)), "");
  CAF_CHECK_EQUAL(field(ask("GET", "/none", friendly), "Vary"), "");
}

CAF_TEST(each method has a policy of its own) {
  CAF_CHECK_EQUAL(allowed(ask("GET", "/both", friendly)), "");
  CAF_CHECK_EQUAL(allowed(ask("POST", "/both", friendly)), friendly);
  CAF_CHECK_EQUAL(status(ask("POST", "/both", friendly)), "200");
  CAF_CHECK_EQUAL(status(ask("POST", "/both", evil)), "403");
  CAF_CHECK_EQUAL(allowed(ask("POST", "/both", evil)), "");
}

CAF_TEST(errors can be read as well) {
  auto head = ask("POST", "/both", friendly, "Content-Length: 11\r\n");
  CAF_CHECK_EQUAL(status(head), "413");
  CAF_CHECK_EQUAL(allowed(head), friendly);
  client peer{port};
  peer.send(
    "POST /both HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    "Origin: "
    + friendly + "\r\n\r\nb\r\n");
  auto late = peer.read_all();
  CAF_CHECK_EQUAL(status(late), "413");
  CAF_CHECK_EQUAL(allowed(late), friendly);
}

CAF_TEST(preflight requests are answered) {
  auto head = preflight("/both", friendly, "POST");
  CAF_CHECK_EQUAL(status(head), "204");
  CAF_CHECK_EQUAL(allowed(head), friendly);
  CAF_CHECK_EQUAL(field(head, "Access-Control-Allow-Methods"), "POST");
  CAF_CHECK_EQUAL(field(head, "Access-Control-Allow-Headers"), "Content-Type");
  CAF_CHECK_EQUAL(field(head, "Access-Control-Max-Age"), "600");
  CAF_CHECK_EQUAL(allowed(preflight("/f/a.txt", friendly, "GET")), friendly);
  for (auto denied :
       {preflight("/both", evil, "POST"), preflight("/both", friendly, "GET"),
        preflight("/both", friendly, "PUT"),
        preflight("/none", friendly, "GET"),
        ask("OPTIONS", "/both", friendly)}) {
    CAF_CHECK_EQUAL(status(denied), "204");
    CAF_CHECK_EQUAL(allowed(denied), "");
    CAF_CHECK_EQUAL(field(denied, "Access-Control-Allow-Methods"), "");
  }
}

CAF_TEST(a plain request for options names the methods) {
  client peer{port};
  auto head = peer.ask("OPTIONS /both HTTP/1.1\r\nHost: x\r\n");
  CAF_CHECK_EQUAL(status(head), "204");
  CAF_CHECK_EQUAL(field(head, "Allow"), "GET, HEAD, POST, OPTIONS");
}

CAF_TEST(the fields end with their response) {
  client peer{port};
  peer.get("/get", "Origin: " + friendly + "\r\n");
  auto reply = peer.get("/none", "Origin: " + friendly + "\r\n");
  CAF_CHECK_EQUAL(allowed(reply), "");
}

CAF_TEST(handshakes have rules of their own) {
  client peer{port};
  auto head = peer.upgrade("/ws", "Origin: " + friendly + "\r\n");
  CAF_CHECK_EQUAL(status(head), "403");
}

CAF_TEST(unsafe settings are errors) {
  auto handler = make_http_handler([](const request&) { return response{}; });
  cors unsafe{.origins = {"*"}, .credentials = true};
  auto invalid = make_error(errc::invalid_config);
  CAF_CHECK_EQUAL(routes.add("/x", handler, unsafe), invalid);
  CAF_CHECK_EQUAL(routes.add_post("/x", handler, unsafe), invalid);
  CAF_CHECK_EQUAL(routes.add("/x/*", files.path(), {.cors = unsafe}), invalid);
}

CAF_TEST_FIXTURE_SCOPE_END()
