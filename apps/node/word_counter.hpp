#pragma once

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

namespace chat {

/// Spawns a bot that counts words in rooms and responds to `!words` with the
/// most frequent ones.
caf::actor spawn_word_counter(caf::actor_system& sys,
                              const caf::actor& registry);

} // namespace chat
