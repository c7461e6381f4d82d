#pragma once

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

namespace chat {

/// Spawns a bot that counts words, and answers `!words` in a room with those
/// that were said most often there.
caf::actor spawn_word_counter(caf::actor_system& sys,
                              const caf::actor& registry);

} // namespace chat
