#pragma once

#include "actors/cluster/bridge_ends.hpp"
#include "actors/cluster/bridge_messages.hpp"
#include "actors/cluster/control_channel.hpp"
#include "actors/cluster/loss_log.hpp"

#include <cstdint>

namespace troupe::actors {

/// The events of connections that two nodes report to each other, each while
/// the other one wants them. A round is one subscription: events of an earlier
/// one are dropped.
class event_exchange {
public:
  event_exchange(const bridge_ends& ends, control_channel& out,
                 loss_log& losses)
    : ends_(ends),
      out_(out),
      losses_(losses) {
  }

  // -- events of the other node -----------------------------------------------

  /// Requests events of connections on the other node; with 0, no more.
  void want(uint64_t round);

  /// Passes an event of the other node on to the registry.
  void hear(const event_report& msg);

  // -- events of this node ----------------------------------------------------

  /// Handles the other node's request for events; with 0, for no more.
  void begin(uint64_t round);

  /// The bridge has met its counterpart, which may have made its request
  /// before.
  void on_met();

  /// Reports an event of this node, unless it is in the list that comes or
  /// nobody wants it.
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
  uint64_t wanted_round_ = 0; ///< Of events from there; 0: none are wanted.
  uint64_t told_round_ = 0;   ///< Of events that are wanted there.
  bool are_listed_ = false;   ///< Those that there were when it began.
};

} // namespace troupe::actors
