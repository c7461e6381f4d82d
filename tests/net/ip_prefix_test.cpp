#define CAF_SUITE net.ip_prefix

#include "base/ip_prefix.hpp" // the header under test

#include <caf/test/unit_test.hpp>

using namespace troupe::base;

namespace {

/// Returns whether the prefix `x` contains the address `y`.
bool holds(std::string_view x, std::string_view y) {
  auto prefix = ip_prefix::parse(x);
  CAF_REQUIRE(prefix);
  return prefix->contains(parse_ip(y).value());
}

} // namespace

CAF_TEST(a prefix contains the addresses that begin like it) {
  CAF_CHECK(holds("10.0.0.0/8", "10.0.0.0"));
  CAF_CHECK(holds("10.0.0.0/8", "10.255.255.255"));
  CAF_CHECK(!holds("10.0.0.0/8", "11.0.0.0"));
  CAF_CHECK(!holds("10.0.0.0/8", "9.255.255.255"));
  CAF_CHECK(holds("192.0.2.128/25", "192.0.2.129"));
  CAF_CHECK(!holds("192.0.2.128/25", "192.0.2.127"));
  CAF_CHECK(holds("192.0.2.1/32", "192.0.2.1"));
  CAF_CHECK(!holds("192.0.2.1/32", "192.0.2.0"));
  CAF_CHECK(holds("0.0.0.0/0", "255.255.255.255"));
  CAF_CHECK(holds("2001:db8::/32", "2001:db8:ffff::1"));
  CAF_CHECK(!holds("2001:db8::/32", "2001:db9::"));
  CAF_CHECK(holds("2001:db8::/127", "2001:db8::1"));
  CAF_CHECK(!holds("2001:db8::/127", "2001:db8::2"));
  CAF_CHECK(holds("::/0", "2001:db8::1"));
}

CAF_TEST(an address stands for itself) {
  CAF_CHECK(holds("192.0.2.1", "192.0.2.1"));
  CAF_CHECK(!holds("192.0.2.1", "192.0.2.2"));
  CAF_CHECK(holds("::1", "::1"));
  CAF_CHECK(!holds("::1", "::2"));
}

CAF_TEST(IPv4 and IPv6 do not mix) {
  CAF_CHECK(!holds("0.0.0.0/0", "::1"));
  CAF_CHECK(!holds("::/0", "10.0.0.1"));
}

CAF_TEST(mapped addresses are those of IPv4) {
  CAF_CHECK(holds("10.0.0.0/8", "::ffff:10.0.0.1"));
  CAF_CHECK(holds("::ffff:10.0.0.0/104", "10.0.0.1"));
  CAF_CHECK(!holds("::ffff:10.0.0.0/104", "11.0.0.1"));
  CAF_CHECK(holds("::ffff:10.0.0.1", "10.0.0.1"));
  CAF_CHECK_EQUAL(parse_ip("::ffff:10.0.0.1")->to_string(), "10.0.0.1");
}

CAF_TEST(what is no prefix is none) {
  for (auto x : {"",
                 "/",
                 "/8",
                 "10.0.0.0/",
                 "10.0.0.0/33",
                 "10.0.0.0/-1",
                 "10.0.0.0/+8",
                 "10.0.0.0/8 ",
                 " 10.0.0.0/8",
                 "10.0.0.0/8/8",
                 "10.0.0/8",
                 "10.0.0.1/8",
                 "192.0.2.128/24",
                 "::/129",
                 "::1/64",
                 "2001:db8::1/127",
                 "[::1]",
                 "[::]/0",
                 "::ffff:10.0.0.0/95",
                 "::ffff:10.0.0.0/8",
                 "fe80::1%lo",
                 "fe80::%lo/64",
                 "localhost",
                 "010.0.0.0/8"})
    if (ip_prefix::parse(x))
      CAF_ERROR("taken for a prefix: " << x);
}

CAF_TEST(a list contains what one of its prefixes contains) {
  auto list = parse_prefixes({"10.0.0.0/8", "::1"});
  CAF_CHECK_EQUAL(list.size(), 2u);
  CAF_CHECK(contains(list, *parse_ip("10.1.2.3")));
  CAF_CHECK(contains(list, *parse_ip("::1")));
  CAF_CHECK(!contains(list, *parse_ip("192.0.2.1")));
  CAF_CHECK(!contains({}, *parse_ip("10.0.0.1")));
}
