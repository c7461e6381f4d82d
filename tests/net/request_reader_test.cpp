#define CAF_SUITE net.request_reader

#include "net/http/request_reader.hpp"

#include "caf/test/dsl.hpp"

#include <boost/beast/http/error.hpp>

#include <string>
#include <string_view>

using troupe::net::request_reader;

namespace http = boost::beast::http;

namespace {

constexpr std::string_view first = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view second = "GET /b HTTP/1.1\r\nHost: y\r\n\r\n";

} // namespace

CAF_TEST(a request is found when its head is complete) {
  request_reader reader{1024};
  CAF_CHECK(reader.empty());
  reader.add(first.substr(0, 10));
  CAF_CHECK(reader.parse() == http::error::need_more);
  CAF_CHECK_EQUAL(reader.first_line(), "");
  reader.add(first.substr(10, 10));
  CAF_CHECK(reader.parse() == http::error::need_more);
  CAF_CHECK_EQUAL(reader.first_line(), "GET /a HTTP/1.1");
  reader.add(first.substr(20));
  CAF_CHECK(!reader.parse());
  CAF_CHECK(reader.get().target() == "/a");
  CAF_CHECK_EQUAL(reader.head(), "GET /a HTTP/1.1\r\nHost: x\r\n");
  CAF_CHECK(!reader.has_more());
}

CAF_TEST(requests follow each other) {
  request_reader reader{1024};
  reader.add(std::string{first} + std::string{second});
  CAF_CHECK(!reader.parse());
  CAF_CHECK(reader.has_more());
  reader.next();
  CAF_CHECK(!reader.parse());
  CAF_CHECK(reader.get().target() == "/b");
  CAF_CHECK(!reader.has_more());
  reader.next();
  CAF_CHECK(reader.empty());
}

CAF_TEST(a head has a maximum size) {
  request_reader reader{1024};
  reader.add("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(1024, 'x'));
  CAF_CHECK(reader.parse() == http::error::header_limit);
}

CAF_TEST(malformed heads are errors) {
  request_reader reader{1024};
  reader.add(std::string_view{"GET\r\n\r\n"});
  auto ec = reader.parse();
  CAF_CHECK(ec && ec != http::error::need_more);
}
