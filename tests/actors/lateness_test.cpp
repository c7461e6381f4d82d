#define CAF_SUITE actors.lateness

#include "actors/lateness.hpp"

#include <caf/test/unit_test.hpp>

using troupe::actors::lateness;

CAF_TEST(a thing is late after one to two periods) {
  lateness x;
  CAF_CHECK(x.note(1));
  CAF_CHECK(x.tick(true));
  CAF_CHECK_EQUAL(x.late(), 0u);
  CAF_CHECK(!x.note(2)); // the timer is running
  CAF_CHECK(x.tick(true));
  CAF_CHECK_EQUAL(x.late(), 1u);
  CAF_CHECK(!x.tick(true)); // stops, since all are late
  CAF_CHECK_EQUAL(x.late(), 2u);
}

CAF_TEST(the timer rests while nothing waits) {
  lateness x;
  CAF_CHECK(x.note(1));
  CAF_CHECK(!x.tick(false));
  CAF_CHECK(x.note(5));
  CAF_CHECK(x.tick(true));
  CAF_CHECK_LESS(x.late(), 5u);
  CAF_CHECK(!x.tick(true));
  CAF_CHECK_EQUAL(x.late(), 5u);
}
