#define CAF_SUITE bench.ledger

#include "apps/bench/ledger.hpp"

#include "caf/test/dsl.hpp"

#include "apps/bench/violation.hpp"

using namespace troupe::bench;

namespace {

bool refuses(ledger& seen, std::uint32_t sender, std::uint32_t seq) {
  try {
    seen.enter(sender, seq);
    return false;
  } catch (const violation&) {
    return true;
  }
}

} // namespace

CAF_TEST(each sender counts from zero) {
  ledger seen{9, 100, 2, promise::all};
  seen.enter(100, 0);
  seen.enter(101, 0);
  seen.enter(100, 1);
  CAF_CHECK_EQUAL(seen.due(100), 2u);
  CAF_CHECK_EQUAL(seen.due(101), 1u);
}

CAF_TEST(a lost message and one that comes twice are refused) {
  ledger seen{9, 0, 1, promise::all};
  CAF_CHECK(refuses(seen, 0, 1));
  seen = ledger{9, 0, 1, promise::all};
  seen.enter(0, 0);
  CAF_CHECK(refuses(seen, 0, 0));
  CAF_CHECK(refuses(seen, 0, 2));
}

CAF_TEST(nobody else may send) {
  ledger seen{9, 100, 2, promise::all};
  CAF_CHECK(refuses(seen, 99, 0));
  CAF_CHECK(refuses(seen, 102, 0));
}

CAF_TEST(who comes later gets all from some message on) {
  ledger seen{9, 0, 2, promise::from_join};
  seen.enter(0, 17);
  seen.enter(1, 3);
  seen.enter(0, 18);
  CAF_CHECK(refuses(seen, 0, 18));
  CAF_CHECK(refuses(seen, 0, 20));
}

CAF_TEST(who does not read may miss messages but sees the others in order) {
  ledger seen{9, 0, 1, promise::some};
  seen.enter(0, 2);
  seen.enter(0, 7);
  CAF_CHECK(refuses(seen, 0, 7));
  CAF_CHECK(refuses(seen, 0, 3));
}
