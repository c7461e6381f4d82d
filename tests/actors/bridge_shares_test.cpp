#define CAF_SUITE actors.bridge_shares

#include "support/bridge_fixture.hpp"

#include <caf/scoped_actor.hpp>

using namespace troupe;

/// The bridges of several servers to one node share its bounds.

namespace {

using actors::bridge_limits;

constexpr size_t mebibyte = 1024 * 1024;

struct fixture : test::bridge_fixture {
  ~fixture() {
    end(one);
    end(two);
  }

  void make_bridges(bridge_limits limits) {
    one = make_bridge(limits);
    two = make_bridge(limits);
  }

  uint64_t taken() const {
    return counters->sent + counters->queued_messages;
  }

  void ask_remote(const caf::actor& bridge, size_t count) {
    for (size_t i = 0; i < count; ++i)
      asker->send(bridge, actors::ask_remote{
                            caf::make_message(msg::total_connections{})});
    settle();
  }

  caf::actor one;
  caf::actor two;
  caf::scoped_actor asker{sys};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(link_shares_tests, fixture)

CAF_TEST(what waits for a node is bounded for all servers together) {
  make_bridges({8 * mebibyte, overflow::drop_newest});
  carry(one, 60'000, 300);
  carry(two, 60'000, 300);
  CAF_CHECK_GREATER(counters->queued_bytes, 6 * mebibyte);
  CAF_CHECK_LESS(counters->queued_bytes, 8 * mebibyte + 100'000);
}

CAF_TEST(no server takes the whole queue from another one) {
  for (auto policy : {overflow::drop_newest, overflow::drop_oldest}) {
    make_bridges({8 * mebibyte, policy});
    carry(one, 60'000, 300);
    auto before = taken();
    carry(two, 60'000, 300);
    CAF_CHECK_GREATER((taken() - before) * 60'000, 2 * mebibyte);
    end(one);
    end(two);
  }
}

CAF_TEST(a server that is alone has the whole queue) {
  make_bridges({8 * mebibyte, overflow::drop_newest});
  end(two);
  carry(one, 60'000, 300);
  CAF_CHECK_GREATER(counters->queued_bytes, 7 * mebibyte);
}

CAF_TEST(what is under way to a node is bounded for all servers together) {
  make_bridges({});
  carry(one, 60'000, 40);
  carry(two, 60'000, 40);
  size_t bytes = 0;
  pop_wire_batches(
    [&](const actors::wire_batch& x) { bytes += x.bytes.size(); });
  CAF_CHECK_LESS(bytes, mebibyte + 2 * 130'000);
}

CAF_TEST(questions to a node are bounded for all servers together) {
  make_bridges({});
  ask_remote(one, 2000);
  auto refused = counters->questions_refused.load();
  CAF_CHECK_GREATER(refused, 1000u);
  ask_remote(two, 2000);
  CAF_CHECK_EQUAL(counters->questions_refused, 4000u - 1024u);
  // Neither bridge has used the share of the other.
  CAF_CHECK_LESS(counters->questions_refused - refused, 2000u - 200u);
}

CAF_TEST_FIXTURE_SCOPE_END()
