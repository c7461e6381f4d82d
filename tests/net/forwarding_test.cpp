#define CAF_SUITE net.forwarding

#include "net/http/forwarding.hpp" // the header under test

#include <caf/test/unit_test.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace troupe;
using namespace troupe::net;

namespace {

using fields = std::vector<std::pair<std::string, std::string>>;

constexpr auto for_list = forwarding_header::x_forwarded_for;
constexpr auto for_elements = forwarding_header::forwarded;

struct fixture {
  std::string peer = "10.0.0.1";
  listener_config cfg{.trusted_proxies = {"10.0.0.0/8", "2001:db8::/32"}};

  /// Returns the client as `ADDRESS PORT SCHEME`.
  std::string client(const fields& xs) {
    http_request head;
    for (const auto& [name, value] : xs)
      head.insert(name, value);
    auto x = forwarding{cfg}.client_of({base::parse_ip(peer).value(), 1}, head);
    auto scheme = request{"", "", "", 0, x.scheme}.scheme();
    return x.address.to_string() + ' ' + std::to_string(x.port)
           + (scheme.empty() ? "" : " ") + std::string{scheme};
  }

  std::string client(const std::string& value) {
    return client(
      {{cfg.proxy_header == for_elements ? "Forwarded" : "X-Forwarded-For",
        value}});
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(forwarding_tests, fixture)

CAF_TEST(without the setting no header is read) {
  fields both{{"X-Forwarded-For", "192.0.2.1"},
              {"X-Forwarded-Proto", "https"},
              {"Forwarded", "for=192.0.2.1;proto=https"}};
  CAF_CHECK_EQUAL(client(both), "10.0.0.1 1");
}

CAF_TEST(only a trusted proxy is believed) {
  fields x{{"X-Forwarded-For", "192.0.2.1"}, {"X-Forwarded-Proto", "https"}};
  cfg.proxy_header = for_list;
  CAF_CHECK_EQUAL(client(x), "192.0.2.1 0 https");
  peer = "::ffff:10.0.0.1";
  CAF_CHECK_EQUAL(client(x), "192.0.2.1 0 https");
  peer = "11.0.0.1";
  CAF_CHECK_EQUAL(client(x), "11.0.0.1 1");
}

CAF_TEST(only the header of the setting is read) {
  fields x{{"X-Forwarded-For", "192.0.2.1"},
           {"X-Forwarded-Proto", "http"},
           {"Forwarded", "for=192.0.2.2;proto=https"}};
  cfg.proxy_header = for_list;
  CAF_CHECK_EQUAL(client(x), "192.0.2.1 0 http");
  cfg.proxy_header = for_elements;
  CAF_CHECK_EQUAL(client(x), "192.0.2.2 0 https");
}

CAF_TEST(the client is the first from the right that is no proxy) {
  cfg.proxy_header = for_list;
  CAF_CHECK_EQUAL(client("6.6.6.6, 192.0.2.1"), "192.0.2.1 0");
  CAF_CHECK_EQUAL(client("6.6.6.6, 192.0.2.1, 10.9.9.9"), "192.0.2.1 0");
  CAF_CHECK_EQUAL(client("6.6.6.6,192.0.2.1,10.1.1.1,10.9.9.9"), "192.0.2.1 0");
  CAF_CHECK_EQUAL(client("10.2.2.2, 10.9.9.9"), "10.2.2.2 0");
  CAF_CHECK_EQUAL(client({{"X-Forwarded-For", "6.6.6.6"},
                          {"x-forwarded-for", "192.0.2.1, 10.1.1.1"},
                          {"X-Forwarded-For", "10.9.9.9"}}),
                  "192.0.2.1 0");
  CAF_CHECK_EQUAL(client({{"Forwarded", "for=6.6.6.6"}}), "10.0.0.1 1");
}

CAF_TEST(what is no address ends the search at the last good one) {
  cfg.proxy_header = for_list;
  for (auto x : {"", "unknown", "6.6.6.6, unknown", "6.6.6.6, _hidden",
                 "192.0.2.1:99999", "192.0.2.1:", "[::1", "[::1]x", "a b",
                 "192.0.2.1 x", "localhost", "1.2.3", "fe80::1%lo"})
    CAF_CHECK_EQUAL(client(x), "10.0.0.1 1");
  CAF_CHECK_EQUAL(client("6.6.6.6, x, 10.9.9.9"), "10.9.9.9 0");
  CAF_CHECK_EQUAL(client(" , 192.0.2.1 ,, "), "192.0.2.1 0");
}

CAF_TEST(entries may have a port and brackets) {
  cfg.proxy_header = for_list;
  CAF_CHECK_EQUAL(client("192.0.2.1:567"), "192.0.2.1 567");
  CAF_CHECK_EQUAL(client("[2001:db9::1]:80"), "2001:db9::1 80");
  CAF_CHECK_EQUAL(client("[2001:db9::1]"), "2001:db9::1 0");
  CAF_CHECK_EQUAL(client("2001:db9::1"), "2001:db9::1 0");
  CAF_CHECK_EQUAL(client("::ffff:192.0.2.1"), "192.0.2.1 0");
  CAF_CHECK_EQUAL(client("192.0.2.1, ::ffff:10.9.9.9"), "192.0.2.1 0");
  CAF_CHECK_EQUAL(client("192.0.2.1, [2001:db8::1]:80"), "192.0.2.1 0");
}

CAF_TEST(the scheme is what the nearest proxy says) {
  cfg.proxy_header = for_list;
  auto with = [this](const char* value) {
    return client(
      {{"X-Forwarded-For", "192.0.2.1"}, {"X-Forwarded-Proto", value}});
  };
  CAF_CHECK_EQUAL(with("https"), "192.0.2.1 0 https");
  CAF_CHECK_EQUAL(with("WSS"), "192.0.2.1 0 https");
  CAF_CHECK_EQUAL(with("http"), "192.0.2.1 0 http");
  CAF_CHECK_EQUAL(with("https, http"), "192.0.2.1 0 http");
  CAF_CHECK_EQUAL(with("gopher"), "192.0.2.1 0");
}

CAF_TEST(Forwarded is read as RFC 7239 has it) {
  cfg.proxy_header = for_elements;
  CAF_CHECK_EQUAL(client("for=192.0.2.1"), "192.0.2.1 0");
  CAF_CHECK_EQUAL(client("For=\"[2001:db9::1]:4711\";Proto=https;host=a"),
                  "2001:db9::1 4711 https");
  CAF_CHECK_EQUAL(client("by=10.0.0.1; for=192.0.2.1 ; proto=http"),
                  "192.0.2.1 0 http");
  CAF_CHECK_EQUAL(
    client("for=6.6.6.6, for=192.0.2.1;proto=https, for=10.2.2.2"),
    "192.0.2.1 0 https");
  CAF_CHECK_EQUAL(client("for=\"192.0.2.1:80\""), "192.0.2.1 80");
  CAF_CHECK_EQUAL(client("for=unknown;proto=https"), "10.0.0.1 1 https");
  CAF_CHECK_EQUAL(client("for=6.6.6.6, for=_hidden"), "10.0.0.1 1");
  CAF_CHECK_EQUAL(client("proto=https"), "10.0.0.1 1 https");
}

CAF_TEST(a client cannot hide behind quotes) {
  cfg.proxy_header = for_elements;
  for (auto x : {"for=\"6.6.6.6, for=192.0.2.1", "\", for=192.0.2.1",
                 "for=\"a\\\", for=192.0.2.1",
                 "for=\"6.6.6.6, for=10.5.5.5\", for=192.0.2.1"})
    CAF_CHECK_EQUAL(client(x), "192.0.2.1 0");
}

CAF_TEST_FIXTURE_SCOPE_END()
