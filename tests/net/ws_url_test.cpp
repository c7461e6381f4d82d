#define CAF_SUITE net.ws_url

#include "net/ws_client/ws_url.hpp"

#include "caf/test/dsl.hpp"

#include "troupe/error.hpp"

#include <string>

using namespace troupe;

namespace {

std::string parts_of(std::string_view text) {
  auto x = net::parse_ws_url(text);
  if (!x)
    return x.error() == errc::invalid_config ? "invalid" : "?";
  return std::string{x->is_secure ? "tls " : ""} + x->host + ' '
         + std::to_string(x->port) + ' ' + x->authority + ' ' + x->target;
}

} // namespace

CAF_TEST(a URL has a scheme and a host) {
  CAF_CHECK_EQUAL(parts_of("ws://example.org"), "example.org 80 example.org /");
  CAF_CHECK_EQUAL(parts_of("WSS://example.org/chat"),
                  "tls example.org 443 example.org /chat");
}

CAF_TEST(a URL may have a port and a query) {
  CAF_CHECK_EQUAL(parts_of("ws://example.org:8080/a%20b?x=1&y"),
                  "example.org 8080 example.org:8080 /a%20b?x=1&y");
  CAF_CHECK_EQUAL(parts_of("ws://127.0.0.1:1?x"),
                  "127.0.0.1 1 127.0.0.1:1 /?x");
  CAF_CHECK_EQUAL(parts_of("ws://[::1]:81/"), "::1 81 [::1]:81 /");
}

CAF_TEST(anything else is refused) {
  for (auto text :
       {"", "example.org", "/path", "http://example.org", "ws:example.org",
        "ws://", "ws:///path", "ws://user@example.org", "ws://example.org/#x",
        "ws://example.org:0", "ws://example.org:65536", "ws://exa mple.org",
        "ws://example.org/a b"})
    CAF_CHECK_EQUAL(parts_of(text), "invalid");
}
