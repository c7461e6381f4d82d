#pragma once

#include "crew.hpp"
#include "tally.hpp"

#include <troupe/troupe.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <cstddef>
#include <optional>

namespace troupe::growth {

/// A server whose actors run on the caller's thread, in rounds: in each, every
/// actor that has something to do deals with all that it has. So how much a
/// room gathers does not depend on the time.
class stepped_world {
public:
  stepped_world();
  ~stepped_world();
  stepped_world(const stepped_world&) = delete;
  stepped_world& operator=(const stepped_world&) = delete;

  /// Runs until nobody has anything to do.
  /// @returns how many rounds that took.
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
  tally counts_; // Outlives the actors that count.
  caf::actor_system system_;
  troupe::server server_;
  std::optional<crew> actors_;
};

} // namespace troupe::growth
