#pragma once

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <string>
#include <vector>

namespace chat {

/// Spawns a bot that privately warns authors who use one of `words`, and closes
/// their connections at the third time.
caf::actor spawn_moderator(caf::actor_system& sys, const caf::actor& registry,
                           const std::vector<std::string>& words);

} // namespace chat
