#pragma once

#include <caf/actor.hpp>
#include <caf/event_based_actor.hpp>

namespace troupe::actors {

/// The actors that a bridge connects, shared by its parts.
struct bridge_ends {
  caf::event_based_actor* self; ///< The bridge.
  caf::actor registry;          ///< Null once the bridge ends.
  caf::actor peer = {};         ///< The counterpart. Null until both have met.
};

} // namespace troupe::actors
