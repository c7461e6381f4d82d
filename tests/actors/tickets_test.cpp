#define CAF_SUITE actors.tickets

#include "actors/tickets.hpp"

#include <caf/test/unit_test.hpp>

using troupe::actors::tickets;

CAF_TEST(tickets are open until they are confirmed in any order) {
  tickets xs;
  CAF_CHECK_EQUAL(xs.issue(), 1u);
  CAF_CHECK_EQUAL(xs.issue(), 2u);
  CAF_CHECK_EQUAL(xs.issue(), 3u);
  CAF_CHECK_EQUAL(xs.open(), 3u);
  xs.close(2, 2);
  CAF_CHECK_EQUAL(xs.open(), 2u);
  xs.close(3, 3);
  xs.close(1, 1);
  CAF_CHECK_EQUAL(xs.open(), 0u);
  CAF_CHECK_EQUAL(xs.issue(), 4u);
}

CAF_TEST(a confirmation of what was confirmed or never sent counts for nothing) {
  tickets xs;
  xs.issue();
  xs.close(1, 1);
  xs.issue();
  xs.close(0, 1);
  xs.close(1, 1);
  xs.close(3, ~uint64_t{0});
  CAF_CHECK_EQUAL(xs.open(), 1u);
  xs.close(2, ~uint64_t{0});
  CAF_CHECK_EQUAL(xs.open(), 0u);
  xs.close(3, 4);
  CAF_CHECK_EQUAL(xs.issue(), 3u);
  CAF_CHECK_EQUAL(xs.open(), 1u);
}
