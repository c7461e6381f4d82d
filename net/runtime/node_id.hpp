#pragma once

#include <caf/actor_system.hpp>

namespace troupe::net {

/// Creates a module that gives the actor system a random node id. CAF's own id
/// consists of the hardware address and the process id: two containers can have
/// the same one and would mistake each other's actors for their own. A random
/// id also distinguishes two runs of a program.
/// @returns the module, to be owned by `sys`.
caf::actor_system::module* make_random_node_id(caf::actor_system& sys);

} // namespace troupe::net
