// The main() of all test programs. CAF's test framework is implemented in a
// header, which is compiled here once.
#include "caf/test/unit_test.hpp"

#include "caf/test/unit_test_impl.hpp"
