#pragma once

#include "actors/cluster/bridge_actor.hpp"
#include "support/fixture.hpp"
#include "support/log_watch.hpp"

#include <memory>
#include <string>
#include <utility>

namespace troupe::test {

/// A server with a bridge to the node "peer". The counterpart of the bridge is
/// the test itself, which receives the bridge's messages in its mailbox.
struct bridge_fixture : fixture, log_watch {
  caf::actor make_bridge(actors::bridge_limits limits = {}) {
    auto res = actors::spawn_pinned<actors::bridge_actor>(
      sys, nullptr, server.registry(), "peer", limits, counters);
    caf::anon_send(res, actors::meet{caf::actor_cast<caf::actor>(self)});
    settle();
    return res;
  }

  void end(const caf::actor& bridge) {
    caf::anon_send(bridge, actors::dismiss{});
    settle();
  }

  /// Runs all actors without advancing the time.
  void settle() {
    sched.run();
  }

  template <class T>
  void tell(const caf::actor& bridge, T what) {
    self->send(bridge, std::move(what));
    settle();
  }

  /// Sends `count` messages for a connection on the other node in one turn.
  void carry(const caf::actor& bridge, size_t size, size_t count = 1) {
    auto text = frame::text(std::string(size, 'x'));
    for (size_t i = 0; i < count; ++i)
      self->send(bridge, msg::publish{"bob", text});
    settle();
  }

  /// Calls `f` for each received wire batch, and drops all other messages.
  template <class F>
  void pop_wire_batches(F f) {
    while (!self->mailbox().empty())
      self->receive(
        [&](actors::wire_batch& x) { f(x); },
        [](const actors::interest_update&) {},
        [](const actors::event_report&) {}, [](const actors::question&) {},
        [](const actors::answer&) {}, [](const actors::control_done&) {},
        [](const actors::wire_batch_done&) {}, [](actors::send_events) {},
        [](actors::resync) {}, [](const caf::error&) {});
  }

  std::shared_ptr<actors::bridge_counters> counters
    = std::make_shared<actors::bridge_counters>();
};

} // namespace troupe::test
