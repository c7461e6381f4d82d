#pragma once

#include "crew.hpp"
#include "tally.hpp"

#include <troupe/troupe.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <cstddef>
#include <optional>

namespace troupe::growth {

/// A server whose actors run on the caller's thread, in rounds. In each round,
/// every runnable actor processes its complete mailbox, so how much a room
/// gathers does not depend on timing.
class stepped_world {
public:
  stepped_world();
  ~stepped_world();
  stepped_world(const stepped_world&) = delete;
  stepped_world& operator=(const stepped_world&) = delete;

  /// Runs until no actor is runnable.
  /// @returns the number of rounds.
  size_t run();

  troupe::server& server() {
    return server_;
  }

  crew& actors() {
    return *actors_;
  }

private:
  struct settings : caf::actor_system_config {
    settings();
  };

  void run_round();

  settings settings_;
  tally counts_; // Outlives the actors that use it.
  caf::actor_system system_;
  troupe::server server_;
  std::optional<crew> actors_;
};

} // namespace troupe::growth
