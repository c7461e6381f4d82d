#define CAF_SUITE net.address_table

#include "net/runtime/address_table.hpp" // the header under test

#include <caf/test/unit_test.hpp>

#include <optional>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace troupe;
using namespace troupe::net;

namespace {

using verdict = address_table::verdict;

address_key key(std::string_view x) {
  return to_key(base::parse_ip(x).value());
}

struct fixture {
  address_table table;
  address_table::time_point now = std::chrono::steady_clock::now();

  /// Adds a connection.
  /// @returns nothing if the limits do not permit it.
  std::optional<connection_place> connect(std::string_view from,
                                          address_table::limits most) {
    connection_place result{table};
    if (result.assign(key(from), most, now) != verdict::accepted)
      return std::nullopt;
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(address_table_tests, fixture)

CAF_TEST(an IPv6 network is one address) {
  CAF_CHECK(key("2001:db8::1") == key("2001:db8::ffff:1"));
  CAF_CHECK(key("2001:db8::1") != key("2001:db8:0:1::1"));
  CAF_CHECK(key("192.0.2.1") != key("192.0.2.2"));
  CAF_CHECK(key("192.0.2.1") == key("::ffff:192.0.2.1"));
  CAF_CHECK(key("0.0.0.0") != address_key::none);
}

CAF_TEST(connections are counted until they end) {
  CAF_CHECK_EQUAL(table.connections(), 0u);
  {
    connection_place x{table};
    auto y = connect("192.0.2.1", {.connections = 5});
    CAF_CHECK_EQUAL(table.connections(), 2u);
    CAF_CHECK_EQUAL(table.addresses(), 1u);
    auto z = std::move(x);
    CAF_CHECK_EQUAL(table.connections(), 2u);
    z = {};
    CAF_CHECK_EQUAL(table.connections(), 1u);
  }
  CAF_CHECK_EQUAL(table.connections(), 0u);
  CAF_CHECK_EQUAL(table.addresses(), 0u);
}

CAF_TEST(an address has so many connections and others have theirs) {
  auto x = connect("192.0.2.1", {.connections = 2});
  auto y = connect("192.0.2.1", {.connections = 2});
  CAF_CHECK(x && y);
  CAF_CHECK(!connect("192.0.2.1", {.connections = 2}));
  CAF_CHECK(connect("192.0.2.2", {.connections = 2}));
  y.reset();
  CAF_CHECK(connect("192.0.2.1", {.connections = 2}));
  CAF_CHECK_EQUAL(table.connections(), 1u);
}

CAF_TEST(an address opens so many in a second) {
  for (auto i = 0; i < 10; ++i)
    CAF_CHECK(connect("192.0.2.1", {.per_second = 5}));
  connection_place late{table};
  CAF_CHECK(late.assign(key("192.0.2.1"), {.per_second = 5}, now)
            == verdict::too_fast);
  CAF_CHECK(connect("192.0.2.2", {.per_second = 5}));
  now += 1s;
  for (auto i = 0; i < 5; ++i)
    CAF_CHECK(connect("192.0.2.1", {.per_second = 5}));
  CAF_CHECK(!connect("192.0.2.1", {.per_second = 5}));
}

CAF_TEST(an address without connections is forgotten in the end) {
  for (auto i = 0; i < 20'000; ++i) {
    auto from = "10.0." + std::to_string(i / 250 % 250) + '.'
                + std::to_string(i % 250);
    connect(from, {.per_second = 1});
    now += 10ms; // 400 addresses within the two seconds that count
  }
  CAF_CHECK_LESS(table.addresses(), 16u * 64u + 800u);
}

CAF_TEST_FIXTURE_SCOPE_END()
