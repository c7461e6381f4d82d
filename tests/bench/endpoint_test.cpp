#define CAF_SUITE bench.endpoint

#include "apps/bench/endpoint.hpp"

#include "caf/test/dsl.hpp"

#include <stdexcept>
#include <string_view>
#include <tuple>

using namespace troupe::bench;

namespace {

bool is_refused(std::string_view url) {
  try {
    std::ignore = endpoint::parse(url);
    return false;
  } catch (const std::invalid_argument&) {
    return true;
  }
}

} // namespace

CAF_TEST(the scheme tells whether there is TLS) {
  auto plain = endpoint::parse("ws://127.0.0.1:80/echo");
  CAF_CHECK(plain.protection == security::none);
  auto secure = endpoint::parse("wss://127.0.0.2:443/rooms/a");
  CAF_CHECK(secure.protection == security::tls);
  CAF_CHECK_EQUAL(secure.address, "127.0.0.2");
  CAF_CHECK_EQUAL(secure.port, 443u);
  CAF_CHECK_EQUAL(secure.path, "/rooms/a");
}

CAF_TEST(other forms of a URL are refused) {
  for (const auto* url :
       {"http://127.0.0.1:80/", "wss://localhost:443/", "wss://127.0.0.1/",
        "wss://127.0.0.1:443", "wss://127.0.0.1:https/"})
    CAF_CHECK(is_refused(url));
}
