#define CAF_SUITE actors.bridge_delay

#include "support/bridge_fixture.hpp"
#include "support/cluster_stage.hpp"
#include "support/slow_path.hpp"

#include <deque>

using namespace troupe;

/// What is in flight to another node adapts to the path and the receiver.

namespace {

using namespace std::chrono_literals;
using actors::bridge_limits;

constexpr size_t mebibyte = 1024 * 1024;

struct fixture : test::bridge_fixture {
  using time_point = caf::actor_clock::time_point;

  /// Returns the throughput, in bytes per second, from a room on one node to a
  /// member on another over a path with this `bandwidth`.
  double rate_over(caf::timespan round_trip, double bandwidth) {
    auto path = [&](const caf::actor& bridge) -> caf::actor {
      return sys.spawn<test::slow_path>(bridge, round_trip / 2, bandwidth);
    };
    test::cluster_stage cluster{sys, 2, {}, test::obey_clients, path};
    size_t heard = 0;
    auto member = [&heard]() -> caf::behavior {
      return {[](const msg::joined&) {},
              [&heard](const msg::deliver& x) { heard += x.messages.bytes(); }};
    };
    auto bot = sys.spawn(member);
    caf::anon_send(cluster[1].registry(), msg::join{"lobby", bot});
    auto pass = [&](caf::timespan time) {
      for (; time > 0s; time -= 1ms) {
        keep_full(cluster);
        advance_time(1ms);
        settle();
      }
    };
    pass(1s);
    auto before = heard;
    pass(1s);
    auto result = static_cast<double>(heard - before);
    cluster.stop();
    run();
    caf::anon_send_exit(bot, caf::exit_reason::kill);
    run();
    return result;
  }

  /// Keeps the queue for the other node filled.
  void keep_full(test::cluster_stage& cluster) {
    while (cluster.counters(0).queued_bytes < 2 * mebibyte) {
      auto before = cluster.counters(0).queued_bytes + cluster.counters(0).sent;
      for (auto i = 0; i < 16; ++i)
        caf::anon_send(cluster[0].registry(),
                       msg::publish{recipient::room("lobby"), text});
      settle();
      if (cluster.counters(0).queued_bytes + cluster.counters(0).sent == before)
        return; // The bridge does not know the member yet.
    }
  }

  /// For a period of `time`, a counterpart takes `rate` bytes per second after
  /// a round trip of 100 ms, and the bridge always has more.
  /// @returns the maximum number of bytes in flight.
  size_t serve(const caf::actor& bridge, caf::timespan time, double rate) {
    size_t result = 0;
    for (; time > 0s; time -= 1ms) {
      if (counters->queued_bytes < 2 * mebibyte)
        carry(bridge, text.payload().size(), 32);
      take_in(rate);
      result = std::max(result, under_way);
      advance_time(1ms);
      settle();
      acknowledge(bridge);
    }
    return result;
  }

  void take_in(double rate) {
    pop_wire_batches([&](const actors::wire_batch& x) {
      auto size = x.bytes.size();
      under_way += size;
      received.push_back({x.number, size, {}});
    });
    auto now = sys.clock().now();
    for (auto& x : received)
      if (x.acknowledged == time_point{}) {
        auto time
          = std::chrono::duration<double>{static_cast<double>(x.size) / rate};
        free = std::max(free, now)
               + std::chrono::duration_cast<caf::timespan>(time);
        x.acknowledged = free + 100ms;
      }
  }

  void acknowledge(const caf::actor& bridge) {
    while (!received.empty()
           && received.front().acknowledged <= sys.clock().now()) {
      under_way -= received.front().size;
      tell(bridge, actors::wire_batch_done{received.front().number});
      received.pop_front();
    }
  }

  struct in_flight {
    uint64_t number;
    size_t size;
    time_point acknowledged;
  };

  frame text = frame::text(std::string(32 * 1024, 'x'));
  std::deque<in_flight> received;
  size_t under_way = 0;
  time_point free; ///< When the counterpart is idle again.
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(link_delay_tests, fixture)

CAF_TEST(a bridge carries as much over a long path as over a short one) {
  auto over_short = rate_over(1ms, 50e6);
  auto over_long = rate_over(100ms, 50e6);
  CAF_MESSAGE("MB/s: " << over_short / 1e6 << ", " << over_long / 1e6);
  CAF_CHECK_GREATER(over_short, 40e6);
  CAF_CHECK_GREATER(over_long, over_short / 2);
}

CAF_TEST(little is under way to a direct_receiver that is slow) {
  auto bridge = make_bridge();
  auto most = serve(bridge, 40s, 1e6);
  CAF_MESSAGE("KiB: " << most / 1024);
  CAF_CHECK_LESS(most, 3 * mebibyte);
  end(bridge);
}

CAF_TEST(little is under way to a direct_receiver that becomes slow) {
  auto bridge = make_bridge();
  auto most = serve(bridge, 2s, 100e6);
  CAF_MESSAGE("KiB: " << most / 1024);
  CAF_CHECK_GREATER(most, 8 * mebibyte);
  serve(bridge, 25s, 1e6);
  most = serve(bridge, 30s, 1e6);
  CAF_MESSAGE("KiB: " << most / 1024);
  CAF_CHECK_LESS(most, 3 * mebibyte);
  // A fast counterpart gets more in flight again.
  CAF_CHECK_GREATER(serve(bridge, 5s, 100e6), 8 * mebibyte);
  end(bridge);
}

CAF_TEST(what is under way and what waits are bounded together) {
  bridge_limits limits{4 * mebibyte, overflow::drop_newest};
  auto bridge = make_bridge(limits);
  serve(bridge, 2s, 100e6);
  carry(bridge, text.payload().size(), 1000);
  CAF_CHECK_GREATER(under_way, mebibyte);
  CAF_CHECK_LESS(under_way + counters->queued_bytes, 5 * mebibyte + 100'000);
  end(bridge);
}

CAF_TEST_FIXTURE_SCOPE_END()
