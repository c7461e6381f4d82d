#define CAF_SUITE net.host

#include "base/host.hpp" // the header under test

#include <caf/test/unit_test.hpp>

#include <string>
#include <utility>

using namespace troupe::base;

CAF_TEST(a name or an address with or without a port is a host) {
  for (std::string good : {"x",
                           "localhost",
                           "LocalHost:8080",
                           "a.example.org",
                           "a_b.example",
                           "xn--bcher-kva.example",
                           "b%C3%BCcher.example",
                           "%41",
                           "-",
                           "a,b;c=d",
                           "127.0.0.1",
                           "127.0.0.1:0",
                           "1.2.3",
                           "999.1.1.1",
                           "x:",
                           "x:65535",
                           "[::1]",
                           "[::1]:80",
                           "[::1]:",
                           "[2001:DB8::a]",
                           "[::ffff:1.2.3.4]"})
    CAF_CHECK_EQUAL(std::pair(good, is_host(good)), std::pair(good, true));
}

CAF_TEST(anything else is no host) {
  for (std::string bad : {"",        ":",       ":80",       "user@host",
                          "a b",     "a\tb",    "<x>",       "a/b",
                          "a?b",     "a#b",     "a\\b",      "\"a\"",
                          "a|b",     "{a}",     "^",         "a%",
                          "a%4",     "a%4g",    "b\xC3\xBC", "a\x7f",
                          "x:65536", "x:-1",    "x:+1",      "x:a",
                          "x:1:2",   "x: 1",    "::1",       "[::1",
                          "[]",      "[x]",     "[1.2.3.4]", "[::1]x",
                          "[::1]80", "[::1]:x", "[:::1]",    "[fe80::1%25eth0]",
                          "[v1.a]",  "]",       "x[::1]",    "[::1] ",
                          "a, b",    "http://x"})
    CAF_CHECK_EQUAL(std::pair(bad, is_host(bad)), std::pair(bad, false));
}

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
