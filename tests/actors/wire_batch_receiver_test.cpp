#define CAF_SUITE actors.wire_batch_receiver

#include "actors/cluster/wire_batch_receiver.hpp"

#include "support/bridge_part_fixture.hpp"

using namespace troupe;
using namespace troupe::actors;
using test::strings;

namespace {

struct owner final : test::bridge_part_owner {
  using bridge_part_owner::bridge_part_owner;

  wire_batch_receiver receiver{ends, losses, counters};
};

struct fixture : test::bridge_part_fixture<owner> {
  fixture() {
    meet();
  }

  /// Sends a batch of the counterpart with messages of one sender to `rooms`.
  void unpack(const strings& rooms) {
    wire_batch_writer writer;
    for (const auto& room : rooms)
      writer.add(recipient::room(room), 1, frame::text("hello"));
    auto count = writer.count();
    unpack(count, writer.take());
  }

  void unpack(uint32_t count, std::string bytes) {
    ++last;
    act([=, this](owner& x) {
      wire_batch msg{last, count, bytes};
      x.receiver.unpack(msg);
    });
  }

  uint64_t lost() {
    uint64_t result = 0;
    act([&](owner& x) { result = x.counters->lost; });
    return result;
  }

  void confirm(uint64_t ticket) {
    act([=](owner& x) { x.receiver.on_confirmed({ticket, ticket}); });
  }

  uint64_t last = 0;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(wire_batch_receiver_tests, fixture)

CAF_TEST(a batch is done when its last arrival is) {
  unpack({"tea", "tea", "milk"});
  CAF_CHECK(news(registry) == (strings{"2 for tea", "1 for milk"}));
  confirm(last_ticket);
  CAF_CHECK(news(peer).empty());
  confirm(last_ticket - 1);
  CAF_CHECK(news(peer) == strings{"batch 1 done"});
}

CAF_TEST(a batch that cannot be read is counted and done) {
  watch_log();
  unpack(3, "nonsense");
  CAF_CHECK(news(registry).empty());
  CAF_CHECK(news(peer) == strings{"batch 1 done"});
  CAF_CHECK_EQUAL(lost(), 3u);
  CAF_CHECK(was_logged("node peer sent a malformed batch"));
}

CAF_TEST(text that is not UTF-8 is counted and dropped) {
  watch_log();
  unpack({"\xff", "tea"});
  CAF_CHECK(news(registry) == strings{"1 for tea"});
  CAF_CHECK_EQUAL(lost(), 1u);
  CAF_CHECK(was_logged("node peer sent text that is not UTF-8"));
}

CAF_TEST(messages that the registry refuses are lost and the batch is done) {
  watch_log();
  unpack({"tea", "tea"});
  act([this](owner& x) { x.receiver.on_refused({last_ticket}); });
  CAF_CHECK_EQUAL(lost(), 2u);
  CAF_CHECK(news(peer) == strings{"batch 1 done"});
  CAF_CHECK(was_logged("2 messages of node peer came after"));
}

CAF_TEST_FIXTURE_SCOPE_END()
