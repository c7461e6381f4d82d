#define CAF_SUITE net.descriptor_limit

#include "net/runtime/descriptor_limit.hpp" // the header under test

#include <caf/test/unit_test.hpp>

#include <sys/resource.h>

using namespace troupe::net;

namespace {

/// Restores the limit.
struct fixture {
  fixture() {
    getrlimit(RLIMIT_NOFILE, &old);
  }

  ~fixture() {
    setrlimit(RLIMIT_NOFILE, &old);
  }

  void lower(rlim_t soft) const {
    rlimit x{soft, old.rlim_max};
    CAF_REQUIRE_EQUAL(setrlimit(RLIMIT_NOFILE, &x), 0);
  }

  rlimit old{};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(descriptor_limit_tests, fixture)

CAF_TEST(connections get what the rest of the process does not need) {
  lower(1024);
  CAF_CHECK_EQUAL(descriptors_for_connections(), 960u);
  lower(64);
  CAF_CHECK_EQUAL(descriptors_for_connections(), 48u);
}

CAF_TEST(the limit is raised as far as possible) {
  lower(64);
  raise_descriptor_limit();
  rlimit now{};
  getrlimit(RLIMIT_NOFILE, &now);
  CAF_CHECK_EQUAL(now.rlim_cur, old.rlim_max);
}

CAF_TEST_FIXTURE_SCOPE_END()
