#define CAF_SUITE net.byte_range

#include "net/http/byte_range.hpp"

#include "caf/test/dsl.hpp"

#include <string>

using namespace troupe::net;

namespace {

/// Returns the range of 100 bytes as `first+size`; empty if it is ignored.
std::string range(std::string_view field, uint64_t size = 100) {
  auto x = parse_range(field, size);
  return x ? std::to_string(x->first) + '+' + std::to_string(x->size) : "";
}

} // namespace

CAF_TEST(a range is a part of the whole) {
  CAF_CHECK_EQUAL(range("bytes=0-9"), "0+10");
  CAF_CHECK_EQUAL(range("bytes=99-99"), "99+1");
  CAF_CHECK_EQUAL(range("Bytes=90-"), "90+10");
  CAF_CHECK_EQUAL(range("bytes=-10"), "90+10");
  CAF_CHECK_EQUAL(range("bytes= 5-5 "), "5+1");
}

CAF_TEST(a range that exceeds the whole ends with it) {
  CAF_CHECK_EQUAL(range("bytes=95-1000"), "95+5");
  CAF_CHECK_EQUAL(range("bytes=0-18446744073709551615"), "0+100");
  CAF_CHECK_EQUAL(range("bytes=0-99999999999999999999999"), "0+100");
  CAF_CHECK_EQUAL(range("bytes=-1000"), "0+100");
  CAF_CHECK_EQUAL(range("bytes=-99999999999999999999999"), "0+100");
}

CAF_TEST(a range outside of the whole is empty) {
  for (auto x : {"bytes=100-", "bytes=100-200", "bytes=18446744073709551615-",
                 "bytes=99999999999999999999999-"})
    CAF_CHECK_EQUAL(range(x), "0+0");
  CAF_CHECK_EQUAL(range("bytes=-0"), "100+0");
  CAF_CHECK_EQUAL(range("bytes=0-", 0), "0+0");
  CAF_CHECK_EQUAL(range("bytes=-5", 0), "0+0");
}

CAF_TEST(other ranges are ignored) {
  for (auto x :
       {"", "bytes", "bytes=", "bytes=-", "bytes=x-", "bytes=1-x", "bytes=9-1",
        "bytes=1", "bytes=+1-2", "bytes=1--2", "bytes=0-1,3-4", "bytes=-1,-2",
        "lines=1-2", "bytes 1-2", "bytes=0x1-2"})
    CAF_CHECK_EQUAL(range(x), "");
}
