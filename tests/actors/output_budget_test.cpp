#define CAF_SUITE actors.output_budget

#include "actors/output_budget.hpp"

#include <caf/test/unit_test.hpp>

using troupe::actors::output_budget;

CAF_TEST(a callback may spend as much as the limit) {
  output_budget x;
  x.begin(0);
  CAF_CHECK(x.spend(60, 100));
  CAF_CHECK(x.spend(40, 100));
  CAF_CHECK(!x.spend(1, 100));
  x.begin(0);
  CAF_CHECK(x.spend(60, 100));
}

CAF_TEST(what is refused is spent nevertheless) {
  output_budget x;
  x.begin(0);
  CAF_CHECK(x.spend(60, 100));
  CAF_CHECK(!x.spend(60, 100));
  CAF_CHECK(!x.spend(1, 100));
}

CAF_TEST(the first message may have any size unless something waits) {
  output_budget x;
  x.begin(0);
  CAF_CHECK(x.spend(1000, 100));
  CAF_CHECK(!x.spend(1, 100));
  x.begin(1);
  CAF_CHECK(!x.spend(1000, 100));
}

CAF_TEST(what waits since earlier callbacks counts) {
  output_budget x;
  x.begin(90);
  CAF_CHECK(x.spend(10, 100));
  CAF_CHECK(!x.spend(1, 100));
}

CAF_TEST(each callback is told of its refusal once) {
  output_budget x;
  CAF_CHECK(x.note_refusal());
  CAF_CHECK(!x.note_refusal());
  x.begin(0);
  CAF_CHECK(x.note_refusal());
}
