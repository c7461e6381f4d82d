#define CAF_SUITE net.host

#include "base/host.hpp" // the header under test

#include <caf/test/unit_test.hpp>

using namespace troupe::base;

CAF_TEST(the plain host has no port and no brackets and no last dot) {
  CAF_CHECK_EQUAL(plain_host("example.org"), "example.org");
  CAF_CHECK_EQUAL(plain_host("example.org:8080"), "example.org");
  CAF_CHECK_EQUAL(plain_host("example.org.:8080"), "example.org");
  CAF_CHECK_EQUAL(plain_host("127.0.0.1:80"), "127.0.0.1");
  CAF_CHECK_EQUAL(plain_host("[::1]:80"), "::1");
  CAF_CHECK_EQUAL(plain_host("[::1]"), "::1");
  for (auto x : {"", ":80", "."})
    CAF_CHECK_EQUAL(plain_host(x), "");
  CAF_CHECK_EQUAL(plain_host("[::1"), "::1");
}

CAF_TEST(a pattern is a name or a star before a name or a star) {
  for (auto x : {"localhost", "example.org", "*.example.org", "*", "a_b"})
    CAF_CHECK(is_host_pattern(x));
  for (auto x : {"", ".", "*.", "*a", "a*", "a.*", "example.org:80", "[::1]",
                 "http://a", "a/b", "a b", ".org", "org.", "*.*"})
    if (is_host_pattern(x))
      CAF_ERROR("accepted: " << x);
}

CAF_TEST(a pattern matches its host or all below or all) {
  CAF_CHECK(matches_host("example.org", "EXAMPLE.org"));
  CAF_CHECK(!matches_host("example.org", "a.example.org"));
  CAF_CHECK(!matches_host("example.org", "example.org.evil.test"));
  CAF_CHECK(matches_host("*.example.org", "a.b.Example.org"));
  CAF_CHECK(!matches_host("*.example.org", "example.org"));
  CAF_CHECK(!matches_host("*.example.org", ".example.org"));
  CAF_CHECK(!matches_host("*.example.org", "badexample.org"));
  CAF_CHECK(matches_host("*", "evil.test"));
}
