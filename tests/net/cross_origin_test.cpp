#define CAF_SUITE net.cross_origin

#include "net/http/cross_origin.hpp"

#include "caf/test/dsl.hpp"

#include "troupe/error.hpp"

#include <string>

using namespace std::chrono_literals;
using namespace troupe;
using namespace troupe::net;

namespace {

request from(const std::string& origin, const std::string& fields = "") {
  return {"GET / HTTP/1.1\r\nHost: x\r\nOrigin: " + origin + "\r\n" + fields,
          "/", "::1", 4};
}

request ask(const std::string& origin) {
  return from(origin, "Access-Control-Request-Method: POST\r\n");
}

const cors two{.origins = {"https://a.example", "https://*.b.example"}};

} // namespace

CAF_TEST(an allowed origin is repeated and another is not) {
  const std::string vary = "Vary: Origin\r\n";
  for (auto x :
       {"https://a.example", "https://x.b.example", "https://y.x.b.example"})
    CAF_CHECK_EQUAL(cross_origin_fields(two, from(x)),
                    vary + "Access-Control-Allow-Origin: " + x + "\r\n");
  for (auto x :
       {"", "null", "*", "http://a.example", "https://a.example.evil",
        "https://b.example", "https://evilb.example", "https://a.example:8443"})
    CAF_CHECK_EQUAL(cross_origin_fields(two, from(x)), vary);
}

CAF_TEST(all origins are a star and the same response for all) {
  cors all{.origins = {"*"}};
  for (auto x : {"", "null", "https://a.example"})
    CAF_CHECK_EQUAL(cross_origin_fields(all, from(x)),
                    "Access-Control-Allow-Origin: *\r\n");
}

CAF_TEST(credentials are for named origins) {
  auto x = two;
  x.credentials = true;
  CAF_CHECK_EQUAL(cross_origin_fields(x, from("https://a.example")),
                  "Vary: Origin\r\n"
                  "Access-Control-Allow-Origin: https://a.example\r\n"
                  "Access-Control-Allow-Credentials: true\r\n");
  CAF_CHECK_EQUAL(cross_origin_fields(x, from("https://c.example")),
                  "Vary: Origin\r\n");
}

CAF_TEST(a preflight request is told what is allowed) {
  auto x = two;
  x.headers = {"Content-Type", "X-Token"};
  x.max_age = 90s;
  CAF_CHECK_EQUAL(preflight_fields(x, ask("https://a.example")),
                  "Vary: Origin\r\n"
                  "Access-Control-Allow-Origin: https://a.example\r\n"
                  "Access-Control-Allow-Methods: POST\r\n"
                  "Access-Control-Max-Age: 90\r\n"
                  "Access-Control-Allow-Headers: Content-Type, X-Token\r\n");
  CAF_CHECK_EQUAL(preflight_fields(x, ask("https://c.example")),
                  "Vary: Origin\r\n");
}

CAF_TEST(unsafe and invalid settings are errors) {
  CAF_CHECK_EQUAL(check_cors(two), caf::none);
  CAF_CHECK_EQUAL(check_cors({.origins = {"*"}}), caf::none);
  CAF_CHECK_EQUAL(check_cors({.origins = {"null"}}), caf::none);
  auto invalid = make_error(errc::invalid_config);
  CAF_CHECK_EQUAL(check_cors({.origins = {"*"}, .credentials = true}), invalid);
  CAF_CHECK_EQUAL(check_cors({.origins = {"null"}, .credentials = true}),
                  invalid);
  CAF_CHECK_EQUAL(check_cors({.origins = {"a.example"}}), invalid);
  CAF_CHECK_EQUAL(check_cors({.origins = {"https://a.example/path"}}), invalid);
  CAF_CHECK_EQUAL(check_cors({.headers = {"X: y"}}), invalid);
  CAF_CHECK_EQUAL(check_cors({.max_age = -1s}), invalid);
}
