#define CAF_SUITE net.origin

#include "base/origin.hpp" // the header under test

#include <caf/test/unit_test.hpp>

using namespace troupe::base;

CAF_TEST(C4 a page of the same host and port is no stranger) {
  CAF_CHECK(is_same_origin("http://localhost", "localhost"));
  CAF_CHECK(is_same_origin("http://LocalHost", "localHOST"));
  CAF_CHECK(is_same_origin("http://localhost:80", "localhost"));
  CAF_CHECK(is_same_origin("https://localhost", "localhost:443"));
  CAF_CHECK(is_same_origin("http://localhost:8080", "localhost:8080"));
  CAF_CHECK(is_same_origin("http://[::1]:8080", "[::1]:8080"));
  CAF_CHECK(is_same_origin("http://[::1]", "[::1]:80"));
  for (auto stranger :
       {"http://localhost:8080", "https://localhost:80", "http://localhos",
        "http://localhost.evil.example", "http://evil.example", "null", "",
        "localhost", "//localhost", "http://", "http://localhost/",
        "ftp://localhost", "chrome-extension://localhost", "ws://localhost",
        "httpx://localhost", "://localhost"})
    CAF_CHECK(!is_same_origin(stranger, "localhost"));
}

CAF_TEST(C4 an entry of the list means one origin) {
  constexpr auto entry = "https://example.org";
  CAF_CHECK(matches_origin(entry, "https://example.org"));
  CAF_CHECK(matches_origin(entry, "HTTPS://Example.ORG:443"));
  for (auto stranger : {"http://example.org", "https://example.org:8443",
                        "https://example.com", "https://a.example.org",
                        "https://example.org.evil.example", "null", ""})
    CAF_CHECK(!matches_origin(entry, stranger));
  CAF_CHECK(matches_origin("http://a:8080", "http://a:8080"));
  CAF_CHECK(matches_origin("app://a", "app://a"));
}

CAF_TEST(C4 pages without an origin can be named) {
  for (auto name : {"null", "file://"}) {
    CAF_CHECK(is_origin_pattern(name));
    CAF_CHECK(matches_origin(name, name));
    CAF_CHECK(!is_same_origin(name, "localhost"));
    for (auto stranger : {"", "nul", "nulls", "null://", "http://null",
                          "file://x", "file:", "file:///", "files://",
                          "http://", "://", "https://example.org"})
      CAF_CHECK(!matches_origin(name, stranger));
  }
  CAF_CHECK(!matches_origin("null", "file://"));
  CAF_CHECK(!matches_origin("file://", "null"));
}

CAF_TEST(C4 a star stands for every name below) {
  constexpr auto entry = "https://*.example.org:8443";
  CAF_CHECK(matches_origin(entry, "https://a.example.org:8443"));
  CAF_CHECK(matches_origin(entry, "https://a.b.Example.org:8443"));
  for (auto stranger :
       {"https://example.org:8443", "https://.example.org:8443",
        "https://evilexample.org:8443", "https://a.example.org",
        "http://a.example.org:8443", "https://a.example.org.evil:8443"})
    CAF_CHECK(!matches_origin(entry, stranger));
}

CAF_TEST(C4 an entry of the list is checked) {
  for (auto good :
       {"https://example.org", "http://localhost:8080", "https://*.example.org",
        "https://*.a.b:1", "http://[::1]:80", "http://127.0.0.1",
        "moz-extension://0-a"})
    CAF_CHECK(is_origin_pattern(good));
  for (auto bad : {"",
                   "example.org",
                   "NULL",
                   "file:",
                   "file:///",
                   "*",
                   "https://",
                   "https://*",
                   "https://*.",
                   "https://a.*.org",
                   "https://*example.org",
                   "https://example.org/",
                   "https://example.org:",
                   "https://a:b",
                   "https://a:80:90",
                   "https://a b",
                   "https://a,https://b",
                   "://a",
                   "https://u@a",
                   "https://[::1",
                   "ht tp://a",
                   "https://a?b"})
    CAF_CHECK(!is_origin_pattern(bad));
}

CAF_TEST(C4 the origin of a web server has a scheme of the web and one host) {
  for (auto x : {"http://a", "HTTPS://example.org:8443", "http://[::1]:80"})
    CAF_CHECK(is_web_origin(x));
  for (auto x : {"", "a", "ws://a", "https://*.a", "https://a/", "https://"})
    CAF_CHECK(!is_web_origin(x));
}

CAF_TEST(C4 an origin has a scheme and a host) {
  CAF_CHECK(has_scheme("https://a:1", "https"));
  CAF_CHECK(has_scheme("HTTPS://a", "https"));
  CAF_CHECK(!has_scheme("http://a", "https"));
  CAF_CHECK(!has_scheme("null", "https"));
  CAF_CHECK_EQUAL(host_of("https://a.example:1"), "a.example");
  CAF_CHECK_EQUAL(host_of("https://[::1]:1"), "[::1]");
  CAF_CHECK_EQUAL(host_of("null"), "");
}
