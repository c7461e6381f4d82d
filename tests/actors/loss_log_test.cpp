#define CAF_SUITE actors.loss_log

#include "actors/cluster/loss_log.hpp"

#include "support/log_watch.hpp"

using namespace troupe;
using namespace troupe::actors;

namespace {

struct fixture : test::log_watch {
  fixture() {
    watch_log();
  }

  std::shared_ptr<bridge_counters> counters
    = std::make_shared<bridge_counters>();
  loss_log losses{"peer", counters};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(loss_log_tests, fixture)

CAF_TEST(what the queue has counted is only reported) {
  losses.report_dropped({3, 1});
  losses.report_unfinished(1);
  CAF_CHECK_EQUAL(counters->lost, 0u);
  CAF_CHECK(was_logged("node peer is slow: lost 3 messages for it"));
  CAF_CHECK(was_logged("1 message for node peer is too large"));
  CAF_CHECK(was_logged("lost 1 message that waited"));
}

CAF_TEST(what nothing else counts is counted) {
  losses.count_late(1);
  losses.count_malformed(2);
  losses.count_refused_text(3);
  losses.count_refused_names(4);
  CAF_CHECK_EQUAL(counters->lost, 10u);
  CAF_CHECK(was_logged("1 message of node peer came after"));
  CAF_CHECK(was_logged("node peer sent a malformed batch"));
  CAF_CHECK(was_logged("not UTF-8: refused 3 messages"));
  CAF_CHECK(was_logged("names of rooms or ids: refused 4"));
}

CAF_TEST(no loss is no line) {
  losses.report_dropped({});
  losses.report_unfinished(0);
  CAF_CHECK(!was_logged("peer"));
}

CAF_TEST_FIXTURE_SCOPE_END()
