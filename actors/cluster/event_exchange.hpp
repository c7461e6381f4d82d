#pragma once

#include "actors/cluster/bridge_ends.hpp"
#include "actors/cluster/bridge_messages.hpp"
#include "actors/cluster/control_channel.hpp"
#include "actors/cluster/loss_log.hpp"

#include <cstdint>

namespace troupe::actors {

/// Exchanges events of connections between two nodes, in each direction only
/// while the receiving node wants them. Events carry the number of their
/// subscription, called a round; events of an earlier round are dropped.
class event_exchange {
public:
  event_exchange(const bridge_ends& ends, control_channel& out,
                 loss_log& losses)
    : ends_(ends),
      out_(out),
      losses_(losses) {
  }

  // -- events of the other node -----------------------------------------------

  /// Requests events of connections on the other node; 0 cancels the request.
  void want(uint64_t round);

  /// Passes an event of the other node on to the registry.
  void hear(const event_report& msg);

  // -- events of this node ----------------------------------------------------

  /// Handles the other node's request for events; 0 cancels it.
  void begin(uint64_t round);

  /// Lists the connections if the counterpart has requested events before the
  /// bridge met it. Called when the bridge has met its counterpart.
  void on_met();

  /// Reports an event of this node to the other node. Does nothing if events
  /// are not requested, or if the registry has not sent the list of connections
  /// yet, which will reflect the event.
  template <class T>
  void report(const T& what) {
    if (!are_listed_)
      return;
    out_.events().add(what);
    out_.send();
  }

private:
  void list_connections();

  const bridge_ends& ends_;
  control_channel& out_;
  loss_log& losses_;
  uint64_t wanted_round_ = 0; ///< Of events of the other node, or 0.
  uint64_t told_round_ = 0;   ///< Of events of this node, or 0.
  bool are_listed_ = false;   ///< The list has been sent.
};

} // namespace troupe::actors
