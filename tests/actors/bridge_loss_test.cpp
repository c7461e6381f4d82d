#define CAF_SUITE actors.bridge_loss

#include "support/break_down.hpp"
#include "support/bridge_fixture.hpp"
#include "support/cluster_stage.hpp"

using namespace troupe;
using test::strings;

/// Messages that do not reach another node are counted and logged, and no
/// message is lost without need.

namespace {

using namespace std::chrono_literals;
using actors::bridge_limits;

constexpr size_t small_queue = 64 * 1024;

struct fixture : test::bridge_fixture {
  /// Publishes messages for a member on another node in one turn.
  /// @returns how many of them the member has received.
  size_t say_afar(size_t size, size_t count) {
    test::cluster_stage cluster{sys, 2, {small_queue, overflow::drop_oldest}};
    run();
    auto bob = cluster[1].connect("bob");
    run();
    say(bob, "m:join;0;lobby");
    auto text = frame::text(std::string(size, 'x'));
    for (size_t i = 0; i < count; ++i)
      caf::anon_send(cluster[0].registry(),
                     msg::publish{recipient::room("lobby"), text});
    run();
    auto result = bob.heard().size();
    CAF_CHECK_EQUAL(cluster.counters(0).lost, count - result);
    cluster.stop();
    run();
    return result;
  }

  /// More bytes than a message between nodes may have.
  static constexpr size_t too_large = 64 * 1024 * 1024;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(link_loss_tests, fixture)

CAF_TEST(messages as large as the queue all go if nothing is under way) {
  CAF_CHECK_EQUAL(say_afar(small_queue, 1), 1u);
  CAF_CHECK_EQUAL(say_afar(small_queue, 3), 3u);
}

CAF_TEST(more messages than the queue holds go in one turn) {
  CAF_CHECK_EQUAL(say_afar(1000, 100), 100u);
}

CAF_TEST(what finds no room is counted and logged) {
  watch_log();
  auto bridge = make_bridge({small_queue, overflow::drop_newest});
  carry(bridge, 60'000, 40); // without acknowledgments
  auto sent = counters->sent.load();
  CAF_CHECK_LESS(sent, 40u);
  CAF_CHECK_EQUAL(counters->lost + counters->queued_messages + sent, 40u);
  CAF_CHECK(was_logged("node peer is slow: lost "
                       + std::to_string(counters->lost) + " messages"));
  end(bridge);
}

CAF_TEST(the oldest that make room are counted and logged) {
  watch_log();
  auto bridge = make_bridge({small_queue, overflow::drop_oldest});
  carry(bridge, 60'000, 40);
  CAF_CHECK_GREATER(counters->lost, 10u);
  CAF_CHECK(was_logged("node peer is slow: lost "));
  end(bridge);
}

CAF_TEST(a message that can never go is counted and logged) {
  watch_log();
  auto bridge = make_bridge();
  carry(bridge, too_large);
  carry(bridge, 10);
  size_t messages = 0;
  pop_wire_batches([&](const actors::wire_batch& x) { messages += x.count; });
  CAF_CHECK_EQUAL(messages, 1u);
  CAF_CHECK_EQUAL(counters->lost, 1u);
  CAF_CHECK(was_logged("1 message for node peer is too large"));
  end(bridge);
}

CAF_TEST(a question that can never go is refused) {
  auto bridge = make_bridge();
  auto text = frame::text(std::string(too_large, 'x'));
  auto asked = self->request(
    bridge, caf::infinite,
    actors::ask_remote{caf::make_message(
      actors::forward_local{"bob", caf::make_message(msg::emit{text})})});
  settle();
  CAF_CHECK_EQUAL(counters->questions_refused, 1u);
  end(bridge);
  asked.receive([] { CAF_FAIL("it was answered"); },
                [](const caf::error& x) { CAF_CHECK(x == errc::no_answer); });
}

CAF_TEST(what is under way or waits when a bridge ends is logged) {
  watch_log();
  auto bridge = make_bridge();
  carry(bridge, 60'000, 40);
  end(bridge);
  CAF_CHECK_EQUAL(counters->lost, 40u);
  CAF_CHECK(was_logged("the link to node peer ended: lost 40 messages"));
}

CAF_TEST(what follows the fault in a broken wire_batch is counted) {
  watch_log();
  auto bridge = make_bridge();
  actors::wire_batch_writer writer;
  for (auto i = 0; i < 3; ++i)
    writer.add(all, 1, frame::text("hi"));
  auto bytes = writer.take();
  bytes.pop_back();
  tell(bridge, actors::wire_batch{1, 3, bytes});
  CAF_CHECK_EQUAL(counters->lost, 1u);
  CAF_CHECK(was_logged("node peer sent a malformed batch"));
  end(bridge);
}

CAF_TEST_FIXTURE_SCOPE_END()
