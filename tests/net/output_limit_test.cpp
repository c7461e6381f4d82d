#define CAF_SUITE net.output_limit

#include "net/runtime/output_limit.hpp" // the header under test

#include <caf/test/unit_test.hpp>

using namespace troupe::net;

namespace {

constexpr size_t mib = 1024 * 1024;

} // namespace

CAF_TEST(nobody gives up anything within the limit) {
  auto x = find_excess(mib, {mib, 1}, mib);
  CAF_CHECK(!x.take(mib));
}

CAF_TEST(clients with more than their share give it up) {
  auto x = find_excess(8 * mib, {10 * mib, 4}, 10 * mib);
  CAF_CHECK(!x.take(2 * mib)); // the share
  CAF_CHECK(x.take(2 * mib + 1));
}

CAF_TEST(only so many give up that the rest is within the limit) {
  auto x = find_excess(8 * mib, {12 * mib, 4}, 12 * mib);
  CAF_CHECK(x.take(3 * mib));
  CAF_CHECK(x.take(3 * mib)); // 1 MiB is missing.
  CAF_CHECK(!x.take(3 * mib));
}

CAF_TEST(each thread contributes what waits on it) {
  waiting_output all{12 * mib, 4};
  CAF_CHECK_EQUAL(find_excess(8 * mib, all, 12 * mib).bytes, 4 * mib);
  CAF_CHECK_EQUAL(find_excess(8 * mib, all, 3 * mib).bytes, mib);
  CAF_CHECK_EQUAL(find_excess(8 * mib, all, 0).bytes, 0u);
}

CAF_TEST(a client that reads as fast as others keeps 64 KiB) {
  auto x = find_excess(mib, {100 * mib, 10000}, 100 * mib);
  CAF_CHECK(!x.take(64 * 1024));
  CAF_CHECK(x.take(64 * 1024 + 1));
  // Also when no client is known to be slow.
  CAF_CHECK_EQUAL(find_excess(mib, {2 * mib, 0}, mib).share, mib);
}

CAF_TEST(the default depends on the memory) {
  CAF_CHECK_GREATER(default_output_limit(), mib);
}
