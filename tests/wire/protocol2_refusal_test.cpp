#define CAF_SUITE wire.protocol2_refusal

#include "base/protocol2_refusal.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

refusal decode(std::string_view message) {
  auto x = protocol2::parse(message);
  CAF_REQUIRE(x.status == protocol2::status::valid);
  return protocol2::decode_refusal(x);
}

std::string encode(const refusal& x) {
  return std::string{protocol2::encode_refusal(7, x).payload()};
}

} // namespace

CAF_TEST(a refusal arrives as it was sent) {
  for (const auto& x : {refuse("full"), refuse("full", "no seat"),
                        refuse("busy", "later", 1500ms)})
    CAF_CHECK(decode(encode(x)) == x);
}

CAF_TEST(a refusal has its time in whole milliseconds) {
  CAF_CHECK_EQUAL(encode(refuse("busy", "", 1us)),
                  R"(x7;busy;4;{"after":1,"message":""})");
  CAF_CHECK_EQUAL(encode(refuse("busy", "", -1s)), "x7;busy;0;");
}

CAF_TEST(an invalid code is told as a failure) {
  CAF_CHECK_EQUAL(encode(refuse("no way")), "x7;failed;0;");
}

CAF_TEST(details that are not understood are left out) {
  CAF_CHECK(decode("x7;no;1;5") == refuse("no"));
  CAF_CHECK(decode("x7;no;0;\xff") == refuse("no"));
  CAF_CHECK(decode("x7;no;4;[]") == refuse("no"));
  CAF_CHECK(decode(R"(x7;no;4;{"message":1,"after":-1})") == refuse("no"));
  CAF_CHECK(decode(R"(x7;no;4;{"after":18446744073709551615})")
            == refuse("no", "", 24h));
}
