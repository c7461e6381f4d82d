// The main() of each test binary. The implementation of CAF's test framework
// comes as a header: compiled here once and shared by all.
#include "caf/test/unit_test.hpp"

#include "caf/test/unit_test_impl.hpp"
