#pragma once

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/timespan.hpp>

namespace troupe::actors {

/// Spawns an actor that closes the present connections of a server with 1012,
/// in random order and evenly over `window`. Otherwise all clients would
/// connect elsewhere at the same time. At the end, it closes those that have
/// come meanwhile, and terminates.
caf::actor spawn_drain(caf::actor_system& sys, const caf::actor& registry,
                       caf::timespan window);

} // namespace troupe::actors
