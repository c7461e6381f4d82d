#pragma once

#include "tally.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <cstddef>
#include <vector>

namespace troupe::growth {

/// Actors that count the notifications of rooms, registry and cluster.
class crew {
public:
  crew(caf::actor_system& sys, tally& counts) : system_(sys), counts_(counts) {
  }

  crew(const crew&) = delete;
  crew& operator=(const crew&) = delete;

  ~crew() {
    end(all_);
  }

  caf::actor spawn();
  std::vector<caf::actor> spawn(size_t n);

  /// Terminates `xs`. Does not wait.
  static void end(const std::vector<caf::actor>& xs);

private:
  caf::actor_system& system_;
  tally& counts_;
  std::vector<caf::actor> all_;
};

} // namespace troupe::growth
