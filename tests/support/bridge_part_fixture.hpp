#pragma once

#include "actors/bridges.hpp"
#include "actors/cluster/bridge_counters.hpp"
#include "actors/cluster/bridge_ends.hpp"
#include "actors/cluster/bridge_messages.hpp"
#include "actors/cluster/control_channel.hpp"
#include "actors/cluster/loss_log.hpp"
#include "support/log_watch.hpp"
#include "support/part_fixture.hpp"

#include <memory>
#include <string>
#include <vector>

namespace troupe::test {

/// An actor with the objects that the parts of a bridge share, in place of the
/// bridge.
struct bridge_part_owner : part_owner {
  using part_owner::part_owner;

  void on_exit() override {
    ends.registry = nullptr;
    ends.peer = nullptr;
    out.abandon();
  }

  actors::bridge_ends ends{this, nullptr};
  std::shared_ptr<actors::bridge_counters> counters
    = std::make_shared<actors::bridge_counters>();
  actors::loss_log losses{"peer", counters};
  actors::control_channel out{ends, counters};
};

/// A part of a bridge inside of an `Owner`, with a registry and a counterpart
/// that record what they receive.
template <class Owner>
struct bridge_part_fixture : part_fixture<Owner>, log_watch {
  using typename part_fixture<Owner>::listener;

  bridge_part_fixture() {
    registry = this->spawn_listener([this](auto note) {
      return caf::behavior{
        [=](actors::fence) { note("fence"); },
        [=, this](actors::watch_connections) {
          note("watch");
          return connections;
        },
        [=](actors::unwatch_connections) { note("unwatch"); },
        [=](const actors::remote_event& x) {
          note(event(x.what) + " of round " + std::to_string(x.round));
        },
        [=, this](const actors::arrival& x) {
          note(std::to_string(x.messages.size()) + " for " + x.to.name);
          last_ticket = x.ticket;
        },
        [=](const actors::forward_local& x) { note("tell " + x.id); },
        [=](msg::total_connections) {
          note("total");
          return uint64_t{7};
        },
      };
    });
    peer = this->spawn_listener([](auto note) {
      return caf::behavior{
        [=](const actors::interest_update& x) {
          note("names " + std::to_string(x.populated.size() + x.held.size()));
        },
        [=](const actors::event_report& x) {
          note(event(x.what) + " of round " + std::to_string(x.round));
        },
        [=](const actors::question& x) {
          note("question " + std::to_string(x.number));
        },
        [=](const actors::answer& x) {
          note("answer " + std::to_string(x.number)
               + (x.failure ? " failed" : ""));
        },
        [=](const actors::send_events& x) {
          note("send " + std::to_string(x.round));
        },
        [=](const actors::control_done& x) {
          note("done " + std::to_string(x.count));
        },
        [=](const actors::wire_batch_done& x) {
          note("batch " + std::to_string(x.number) + " done");
        },
      };
    });
    this->act([this](Owner& x) { x.ends.registry = registry.handle; });
  }

  /// Makes the bridge meet its counterpart.
  void meet() {
    this->act([this](Owner& x) { x.ends.peer = peer.handle; });
  }

  static std::string event(const caf::message& x) {
    if (x.match_elements<msg::connection_up>())
      return "+" + x.get_as<msg::connection_up>(0).id;
    const auto& down = x.get_as<msg::connection_down>(0);
    return "-" + down.id + ' ' + down.reason;
  }

  listener registry;
  listener peer;
  std::vector<connection_info> connections; ///< The response of the registry.
  uint64_t last_ticket = 0;                 ///< Of the last arrival.
};

} // namespace troupe::test
