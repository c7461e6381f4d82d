#define CAF_SUITE net.memory_limit

#include "net/runtime/memory_limit.hpp" // the header under test

#include <caf/test/unit_test.hpp>

#include "net/support/scratch_folder.hpp"

#include <string>

using troupe::net::memory_limit;
using troupe::test::scratch_folder;

namespace {

/// A process in the control group `slice/unit`.
struct fixture {
  fixture() {
    folder.write("membership", "9:memory:/other\n0::/slice/unit\n");
  }

  void limit(const std::string& group, const std::string& text) {
    folder.write(group + "/memory.max", text + '\n');
  }

  size_t result() const {
    return memory_limit(folder.path("membership"), folder.path());
  }

  scratch_folder folder;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(memory_limit_tests, fixture)

CAF_TEST(without control groups it is the memory of the machine) {
  CAF_CHECK_GREATER(result(), 64u << 20);
  CAF_CHECK_EQUAL(memory_limit("/nowhere", "/nowhere"), result());
}

CAF_TEST(the control group limits it) {
  limit("slice/unit", "8000000");
  CAF_CHECK_EQUAL(result(), 8000000u);
}

CAF_TEST(the smallest limit of the groups around it counts) {
  limit("slice/unit", "8000000");
  limit("slice", "7000000");
  CAF_CHECK_EQUAL(result(), 7000000u);
  limit(".", "6000000"); // In a container, its own group is the root.
  CAF_CHECK_EQUAL(result(), 6000000u);
}

CAF_TEST(a group without a limit changes nothing) {
  auto all = result();
  limit("slice/unit", "max");
  CAF_CHECK_EQUAL(result(), all);
}

CAF_TEST_FIXTURE_SCOPE_END()
