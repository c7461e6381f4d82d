#pragma once

#include <caf/actor.hpp>
#include <caf/event_based_actor.hpp>

namespace troupe::actors {

/// The actors that a bridge lies between, for its parts.
struct bridge_ends {
  caf::event_based_actor* self; ///< The bridge.
  caf::actor registry;          ///< Of this node. Null once the bridge ends.
  caf::actor peer = {}; ///< On the other node. Null until both have met.
};

} // namespace troupe::actors
