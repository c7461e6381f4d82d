#pragma once

#include "tally.hpp"

#include <troupe/troupe.hpp>

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <cstddef>
#include <string>

namespace troupe::growth {

/// The settings of a runtime in which nothing but memory bounds a subject.
struct settings : runtime_config {
  explicit settings(size_t n);
};

/// A server on a runtime of its own, and an actor that counts what the server
/// tells its subscribers.
class world {
public:
  explicit world(size_t threads = 1);

  caf::actor_system& system() {
    return system_;
  }

  troupe::server& server() {
    return server_;
  }

  const caf::actor& registry() const {
    return server_.registry();
  }

  tally& counts() {
    return counts_;
  }

  /// An actor that counts what rooms tell it as their member.
  caf::actor spawn_member();

private:
  settings settings_;
  tally counts_; // Outlives the actors that count.
  caf::actor_system system_;
  troupe::server server_;
};

/// The name of a room, a connection or an actor.
std::string name_of(size_t index);

} // namespace troupe::growth
