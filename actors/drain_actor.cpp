#include "actors/drain_actor.hpp"

#include "troupe/messages.hpp"

#include <caf/event_based_actor.hpp>

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace troupe::actors {

namespace {

/// Sent by the actor to itself when it is time to close the next connections.
struct next_wave {};

} // namespace

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::next_wave)

namespace troupe::actors {

namespace {

using namespace std::chrono_literals;

/// Time between two waves: short compared to the time that a client takes to
/// connect again.
constexpr caf::timespan tick = 100ms;

class drain_actor final : public caf::event_based_actor {
public:
  drain_actor(caf::actor_config& cfg, caf::actor registry, caf::timespan window)
    : caf::event_based_actor{cfg},
      registry_{std::move(registry)},
      waves_left_{std::max<int64_t>(1, window / tick)} {
  }

  const char* name() const override {
    return "troupe.drain";
  }

  caf::behavior make_behavior() override {
    with_connections([this](const auto& all) { begin(all); });
    return {[this](next_wave) { close_some(); }};
  }

private:
  /// Calls `f` with the present connections.
  template <class F>
  void with_connections(F f) {
    request(registry_, caf::infinite, msg::connections{})
      .then([f](const std::vector<connection_info>& all) { f(all); },
            [this](const caf::error&) { quit(); }); // The server has stopped.
  }

  void begin(const std::vector<connection_info>& all) {
    for (const auto& x : all)
      left_.push_back(x.handle);
    std::ranges::shuffle(left_, std::minstd_rand{std::random_device{}()});
    close_some();
  }

  /// Closes as many connections as needed for waves of equal size.
  void close_some() {
    auto waves = static_cast<size_t>(waves_left_);
    auto count = (left_.size() + waves - 1) / waves;
    for (; count > 0; --count) {
      close(left_.back());
      left_.pop_back();
    }
    --waves_left_;
    if (left_.empty())
      close_late();
    else
      delayed_send(this, tick, next_wave{});
  }

  /// Closes connections whose handshakes were under way in the beginning.
  void close_late() {
    with_connections([this](const auto& all) {
      for (const auto& x : all)
        close(x.handle);
      quit();
    });
  }

  /// Has no effect on a connection that is ending.
  void close(const caf::actor& connection) {
    send(connection,
         msg::disconnect{close_code::service_restart, "the server restarts"});
  }

  const caf::actor registry_;
  int64_t waves_left_;
  std::vector<caf::actor> left_;
};

} // namespace

caf::actor spawn_drain(caf::actor_system& sys, const caf::actor& registry,
                       caf::timespan window) {
  return sys.spawn<drain_actor>(registry, window);
}

} // namespace troupe::actors
