#define CAF_SUITE bench.histogram

#include "apps/bench/histogram.hpp"

#include "caf/test/dsl.hpp"

using namespace troupe::bench;

CAF_TEST(small values are exact) {
  histogram x;
  for (std::uint64_t i = 1; i <= 60; ++i)
    x.add(i);
  CAF_CHECK_EQUAL(x.total(), 60u);
  CAF_CHECK_EQUAL(x.quantile(0), 1u);
  CAF_CHECK_EQUAL(x.quantile(0.5), 30u);
  CAF_CHECK_EQUAL(x.quantile(1), 60u);
}

CAF_TEST(a value is told to within 3 percent) {
  for (std::uint64_t value = 1; value < (1ull << 62); value = value * 3 + 1) {
    histogram x;
    x.add(value);
    x.add(UINT64_MAX);
    CAF_CHECK_GREATER_OR_EQUAL(x.quantile(0.5), value);
    CAF_CHECK_LESS_OR_EQUAL(x.quantile(0.5) - value, value / 32);
    CAF_CHECK_EQUAL(x.max(), UINT64_MAX);
  }
}

CAF_TEST(without values all is zero) {
  CAF_CHECK_EQUAL(histogram{}.quantile(0.99), 0u);
}
