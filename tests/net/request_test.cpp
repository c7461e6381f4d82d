#define CAF_SUITE net.request

#include "troupe/request.hpp"

#include "caf/test/dsl.hpp"

#include <cstdint>
#include <string>
#include <vector>

using troupe::request;

namespace {

request make(std::string target, std::string_view pattern = "/") {
  return {"GET " + target + " HTTP/1.1\r\nHost: x\r\nX-Two: a\r\nx-two: b\r\n"
            + "Empty:\r\nSpaces: \t in between \t\r\n",
          pattern, "::1", 4};
}

} // namespace

CAF_TEST(a request knows its parts) {
  auto x = make("/a/b?c=d");
  CAF_CHECK_EQUAL(x.method(), "GET");
  CAF_CHECK_EQUAL(x.target(), "/a/b?c=d");
  CAF_CHECK_EQUAL(x.path(), "/a/b");
  CAF_CHECK_EQUAL(x.remote_address(), "::1");
  CAF_CHECK_EQUAL(x.remote_port(), 4);
}

CAF_TEST(header fields are found without case) {
  auto x = make("/");
  CAF_CHECK_EQUAL(x.header("HOST"), "x");
  CAF_CHECK_EQUAL(x.header("X-Two"), "a");
  CAF_CHECK_EQUAL(x.header("Empty"), "");
  CAF_CHECK_EQUAL(x.header("Spaces"), "in between");
  CAF_CHECK_EQUAL(x.header("Missing"), "");
  CAF_CHECK_EQUAL(x.header("GET / HTTP/1.1"), "");
}

CAF_TEST(query parameters are decoded) {
  auto x = make("/?a=1&b=%41%2b+%zz%4&&c&=d&a=2&e%20f=g");
  CAF_CHECK_EQUAL(x.query("a"), "1");
  CAF_CHECK_EQUAL(x.query("b"), "A+ %zz%4");
  CAF_CHECK_EQUAL(x.query("c"), "");
  CAF_CHECK_EQUAL(x.query("e f"), "g");
  CAF_CHECK_EQUAL(x.query("missing"), "");
  CAF_CHECK_EQUAL(make("/").query("a"), "");
}

CAF_TEST(the wildcard is what the pattern leaves open) {
  auto of = [](std::string target, std::string_view pattern) {
    return make(std::move(target), pattern).wildcard();
  };
  CAF_CHECK_EQUAL(of("/r/a%2Fb/c?x", "/r/*"), "a/b/c");
  CAF_CHECK_EQUAL(of("/r/", "/r/*"), "");
  CAF_CHECK_EQUAL(of("/r/a+b", "/r/*"), "a+b");
  CAF_CHECK_EQUAL(of("/r/a", "/r/a"), "");
}

CAF_TEST(a path has one form) {
  auto x = make("/%6Cog%69n%2f?%6C", "/log*");
  CAF_CHECK_EQUAL(x.path(), "/login%2F");
  CAF_CHECK_EQUAL(x.target(), "/%6Cog%69n%2f?%6C");
  CAF_CHECK_EQUAL(x.wildcard(), "in/");
  CAF_CHECK(make("http://host/%61|?b").path() == "/a%7C");
}

CAF_TEST(a target may be a whole URL) {
  auto x = make("http://host:80/a?b=c");
  CAF_CHECK_EQUAL(x.path(), "/a");
  CAF_CHECK_EQUAL(x.query("b"), "c");
  CAF_CHECK_EQUAL(x.host(), "host:80"); // RFC 9112 section 3.2.2: not Host
  CAF_CHECK_EQUAL(x.header("Host"), "x");
  CAF_CHECK(make("/").host() == "x");
  CAF_CHECK_EQUAL(request{}.host(), "");
  auto short_one = make("http://host");
  CAF_CHECK_EQUAL(short_one.path(), "/");
  auto star = make("*");
  CAF_CHECK_EQUAL(star.path(), "*");
}

CAF_TEST(the scheme is known or not) {
  request unknown{"GET / HTTP/1.1\r\n", "", "192.0.2.1", 1};
  CAF_CHECK_EQUAL(unknown.scheme(), "");
  CAF_CHECK(!unknown.is_secure());
  request plain{"GET / HTTP/1.1\r\n", "", "192.0.2.1", 1,
                troupe::url_scheme::http};
  CAF_CHECK_EQUAL(plain.scheme(), "http");
  CAF_CHECK(!plain.is_secure());
  request secure{"GET / HTTP/1.1\r\n", "", "192.0.2.1", 1,
                 troupe::url_scheme::https};
  CAF_CHECK_EQUAL(secure.scheme(), "https");
  CAF_CHECK(secure.is_secure());
}

CAF_TEST(an empty request is harmless) {
  request x;
  CAF_CHECK_EQUAL(x.method(), "");
  CAF_CHECK_EQUAL(x.target(), "");
  CAF_CHECK_EQUAL(x.path(), "");
  CAF_CHECK_EQUAL(x.header("Host"), "");
  CAF_CHECK_EQUAL(x.query("a"), "");
}

namespace {

request with(std::string fields, std::string target = "/") {
  return {"GET " + target + " HTTP/1.1\r\nHost: x\r\n" + fields, "/", "::1", 4};
}

} // namespace

CAF_TEST(cookies are found by name) {
  auto x = with("Cookie: a=1; ab=2;b = 3 ; c=\"4\"; a=5; d==6; e; f=\r\n");
  CAF_CHECK_EQUAL(x.cookie("a"), "1");
  CAF_CHECK_EQUAL(x.cookie("ab"), "2");
  CAF_CHECK_EQUAL(x.cookie("b"), "3");
  CAF_CHECK_EQUAL(x.cookie("c"), "4");
  CAF_CHECK_EQUAL(x.cookie("d"), "=6");
  CAF_CHECK_EQUAL(x.cookie("e"), "");
  CAF_CHECK_EQUAL(x.cookie("f"), "");
  CAF_CHECK_EQUAL(x.cookie("A"), ""); // names are case-sensitive
  CAF_CHECK_EQUAL(with("").cookie("a"), "");
}

CAF_TEST(a bearer token may come in three ways) {
  auto header = std::string{"Authorization: bearer  a.b-c\r\n"};
  auto offer = std::string{"Sec-WebSocket-Protocol: chat, bearer.d.e\r\n"};
  auto target = std::string{"/?access_token=f%2Eg"};
  CAF_CHECK_EQUAL(with(header + offer, target).bearer_token(), "a.b-c");
  CAF_CHECK_EQUAL(with(offer, target).bearer_token(), "d.e");
  CAF_CHECK_EQUAL(with("", target).bearer_token(), "f.g");
  CAF_CHECK_EQUAL(with("").bearer_token(), "");
  CAF_CHECK_EQUAL(with("Authorization: Basic eDp5\r\n").bearer_token(), "");
}

CAF_TEST(a principal has the type that it was set with) {
  auto x = make("/");
  CAF_CHECK(x.principal<int>() == nullptr);
  x.set_principal(42);
  auto copy = x;
  CAF_REQUIRE(copy.principal<int>() != nullptr);
  CAF_CHECK_EQUAL(*copy.principal<int>(), 42);
  CAF_CHECK(copy.principal<long>() == nullptr);
}

CAF_TEST(a body is JSON if its type says so) {
  auto x = with("Content-Type: application/json\r\n");
  x.set_body("[1, 256]");
  CAF_CHECK_EQUAL(x.body(), "[1, 256]");
  CAF_CHECK_EQUAL(x.json().dump(), "[1,256]");
  CAF_CHECK_EQUAL(x.json<std::vector<int>>(), (std::vector<int>{1, 256}));
  auto error = [](auto f) -> unsigned {
    try {
      f();
      return 0;
    } catch (const troupe::http_error& e) {
      return e.status();
    }
  };
  CAF_CHECK_EQUAL(error([&] { x.json<std::vector<uint8_t>>(); }), 400u);
  x.set_body("[");
  CAF_CHECK_EQUAL(error([&] { x.json(); }), 400u);
  auto text = with("Content-Type: text/plain\r\n");
  text.set_body("[]");
  CAF_CHECK_EQUAL(error([&] { text.json(); }), 415u);
}
