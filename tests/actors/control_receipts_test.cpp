#define CAF_SUITE actors.control_receipts

#include "actors/cluster/control_receipts.hpp"

#include "support/bridge_part_fixture.hpp"

using namespace troupe;
using namespace troupe::actors;
using test::strings;

namespace {

struct owner final : test::bridge_part_owner {
  using bridge_part_owner::bridge_part_owner;

  control_receipts receipts{ends};
};

using fixture = test::bridge_part_fixture<owner>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(control_receipts_tests, fixture)

CAF_TEST(the registry answers for what was handled meanwhile) {
  meet();
  act([](owner& x) {
    for (auto i = 0; i < 3; ++i)
      x.receipts.count();
  });
  CAF_CHECK(news(registry) == (strings{"fence", "fence"}));
  CAF_CHECK(news(peer) == (strings{"done 1", "done 3"}));
}

CAF_TEST(nothing is confirmed before the counterpart is there) {
  act([](owner& x) { x.receipts.count(); });
  CAF_CHECK(news(registry).empty());
  meet();
  act([](owner& x) { x.receipts.confirm(); });
  CAF_CHECK(news(peer) == strings{"done 1"});
}

CAF_TEST(nothing is confirmed twice) {
  meet();
  act([](owner& x) { x.receipts.count(); });
  news(peer);
  act([](owner& x) { x.receipts.confirm(); });
  CAF_CHECK(news(peer).empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
