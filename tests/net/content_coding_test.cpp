#define CAF_SUITE net.content_coding

#include "net/http/content_coding.hpp"

#include "caf/test/dsl.hpp"

using troupe::net::quality_of;

namespace {

unsigned gzip(std::string_view field) {
  return quality_of("gzip", field);
}

} // namespace

CAF_TEST(a coding is accepted if the list has it) {
  CAF_CHECK_EQUAL(gzip("gzip"), 1000u);
  CAF_CHECK_EQUAL(gzip("br, GZip"), 1000u);
  CAF_CHECK_EQUAL(gzip("*"), 1000u);
  CAF_CHECK_EQUAL(gzip(""), 0u);
  CAF_CHECK_EQUAL(gzip("br"), 0u);
  CAF_CHECK_EQUAL(gzip("xgzip, gzipx"), 0u);
}

CAF_TEST(a quality is a preference) {
  CAF_CHECK_EQUAL(gzip("gzip;q=0.5"), 500u);
  CAF_CHECK_EQUAL(gzip("br;q=0.1, gzip ; Q = 0.123"), 123u);
  CAF_CHECK_EQUAL(gzip("gzip;q=1.000"), 1000u);
  CAF_CHECK_EQUAL(gzip("gzip;level=9;q=0.25"), 250u);
  CAF_CHECK_EQUAL(gzip("*;q=0.5, br"), 500u);
  CAF_CHECK_EQUAL(gzip("*;q=0.5, gzip;q=0.2"), 200u);
}

CAF_TEST(a quality of zero forbids) {
  for (auto x :
       {"gzip;q=0", "gzip;q=0.0", "gzip;q=0.000", "gzip;q=", "gzip;q",
        "gzip;q=x", "gzip;q=0.x", "gzip;q=-1", "*;q=0", "gzip;q=0, *;q=1"})
    CAF_CHECK_EQUAL(gzip(x), 0u);
}
