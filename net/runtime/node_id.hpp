#pragma once

#include <caf/actor_system.hpp>

namespace troupe::net {

/// A module that gives the actor system a random node id. CAF's own is made of
/// the hardware's address and the process id: two containers can have the same,
/// and would take each other's actors for their own. Two runs of a program
/// cannot either be mixed up then.
/// @returns the module, to be owned by `sys`.
caf::actor_system::module* make_random_node_id(caf::actor_system& sys);

} // namespace troupe::net
