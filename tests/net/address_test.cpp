#define CAF_SUITE net.address

#include "base/address.hpp" // the header under test

#include <caf/test/unit_test.hpp>

using namespace troupe::base;

CAF_TEST(an address is a host and a port) {
  auto x = parse_address("example.org:80");
  CAF_REQUIRE(x);
  CAF_CHECK_EQUAL(x->host, "example.org");
  CAF_CHECK_EQUAL(x->port, 80);
  CAF_CHECK_EQUAL(to_string(*x), "example.org:80");
}

CAF_TEST(an IPv6 address stands in brackets) {
  auto x = parse_address("[::1]:65535");
  CAF_REQUIRE(x);
  CAF_CHECK_EQUAL(x->host, "::1");
  CAF_CHECK_EQUAL(x->port, 65535);
  CAF_CHECK_EQUAL(to_string(*x), "[::1]:65535");
}

CAF_TEST(what is no address is none) {
  for (auto x :
       {"", ":", "a", "a:", ":1", "a:b", "a:1b", "a:+1", "a:-1", "a:65536",
        "::1:80", "[::1]", "[::1:80", "[a]:80", "[]:80", "a b:80", "a]:80"})
    if (parse_address(x))
      CAF_ERROR("taken for an address: " << x);
  CAF_CHECK(!parse_address("a: 1"));
}

CAF_TEST(this machine is known by its addresses) {
  for (auto x : {"127.0.0.1", "127.9.9.9", "::1", "localhost", "LocalHost"})
    CAF_CHECK(is_loopback(x));
  for (auto x : {"0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "example.org", ""})
    CAF_CHECK(!is_loopback(x));
  CAF_CHECK(is_wildcard("0.0.0.0"));
  CAF_CHECK(is_wildcard("::"));
  CAF_CHECK(!is_wildcard("127.0.0.1"));
  CAF_CHECK(!is_wildcard("example.org"));
}
