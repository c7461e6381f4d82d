#define CAF_SUITE actors.wire_batch_queue

#include "actors/cluster/wire_batch_queue.hpp"

#include <caf/test/unit_test.hpp>

#include <optional>
#include <string>
#include <vector>

using namespace troupe;
using namespace troupe::actors;

namespace {

struct fixture {
  void make(bridge_limits limits) {
    queue.emplace(limits, counters);
  }

  void add(size_t size, char c = 'x') {
    queue->add(recipient::room("r"), 1, frame::text(std::string(size, c)));
  }

  /// Returns the first letters of what is sent when the peer confirms
  /// everything immediately.
  std::string drain() {
    std::string result;
    while (auto x = queue->next(true, {})) {
      CAF_CHECK_EQUAL(x->number, ++last);
      auto bytes = std::make_shared<const std::string>(std::move(x->bytes));
      uint32_t count = 0;
      CAF_CHECK(
        read_wire_batch(bytes, [&](const recipient&, batch::entry entry) {
          result += entry.message.payload().front();
          ++count;
        }));
      CAF_CHECK_EQUAL(count, x->count);
      queue->done(x->number, {});
    }
    return result;
  }

  std::shared_ptr<bridge_counters> counters
    = std::make_shared<bridge_counters>();
  std::optional<wire_batch_queue> queue{std::in_place, bridge_limits{},
                                        counters};
  uint64_t last = 0;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(wire_batch_queue_tests, fixture)

CAF_TEST(small wire_batches go only when nothing else is to come) {
  add(10);
  CAF_CHECK(!queue->next(false, {}));
  add(10);
  auto x = queue->next(true, {});
  CAF_REQUIRE(x);
  CAF_CHECK_EQUAL(x->count, 2u);
  CAF_CHECK(!queue->next(true, {}));
}

CAF_TEST(a wire_batch is full at 64 KiB) {
  for (int i = 0; i < 700; ++i)
    add(100);
  auto x = queue->next(false, {});
  CAF_REQUIRE(x);
  CAF_CHECK_GREATER_OR_EQUAL(x->bytes.size(), 64u * 1024);
  CAF_CHECK_LESS(x->bytes.size(), 65u * 1024);
}

CAF_TEST(so much is under way and not more until it is confirmed) {
  for (int i = 0; i < 100; ++i)
    add(60 * 1024);
  uint64_t count = 0;
  while (queue->next(true, {}))
    ++count;
  CAF_CHECK_GREATER_OR_EQUAL(count, 8u);
  CAF_CHECK_LESS_OR_EQUAL(count, 18u);
  queue->done(count, {});
  CAF_CHECK(queue->next(true, {}));
}

CAF_TEST(what is queued is counted) {
  add(100);
  add(100);
  CAF_CHECK_EQUAL(counters->queued_messages, 2u);
  CAF_CHECK_GREATER(counters->queued_bytes, 200u);
  drain();
  CAF_CHECK_EQUAL(counters->queued_messages, 0u);
  CAF_CHECK_EQUAL(counters->queued_bytes, 0u);
  CAF_CHECK_EQUAL(counters->sent, 2u);
  CAF_CHECK_EQUAL(counters->lost, 0u);
}

CAF_TEST(a full queue drops the oldest) {
  make({200 * 1024, overflow::drop_oldest});
  for (char c = 'a'; c <= 'j'; ++c)
    add(50 * 1024, c);
  CAF_CHECK_LESS_OR_EQUAL(counters->queued_bytes, 200u * 1024);
  auto lost = counters->lost.load();
  auto rest = drain();
  CAF_CHECK_EQUAL(rest.size() + lost, 10u);
  CAF_CHECK_EQUAL(rest, std::string{"abcdefghij"}.substr(lost));
  CAF_CHECK_GREATER(lost, 4u);
}

CAF_TEST(or the newest) {
  make({200 * 1024, overflow::drop_newest});
  for (char c = 'a'; c <= 'j'; ++c)
    add(50 * 1024, c);
  CAF_CHECK_EQUAL(drain(), "abc");
  CAF_CHECK_EQUAL(counters->lost, 7u);
  add(10, 'k'); // There is room again.
  CAF_CHECK_EQUAL(drain(), "k");
}

CAF_TEST(a message larger than the bound goes if it is alone) {
  make({64 * 1024, overflow::drop_newest});
  add(100 * 1024, 'a');
  add(10, 'b');
  CAF_CHECK_EQUAL(drain(), "a");
}

CAF_TEST(what waits at the end or is under way counts as lost) {
  add(10);
  CAF_REQUIRE(queue->next(true, {}));
  add(10);
  add(100 * 1024);
  add(10);
  queue.reset();
  CAF_CHECK_EQUAL(counters->lost, 4u);
  CAF_CHECK_EQUAL(counters->queued_messages, 0u);
  CAF_CHECK_EQUAL(counters->queued_bytes, 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
