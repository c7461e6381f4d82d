#pragma once

#include "client.hpp"
#include "crew.hpp"
#include "tally.hpp"

#include <troupe/troupe.hpp>

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace troupe::growth {

/// Settings without limits, and without time-outs that are too short for
/// callgrind.
struct settings : runtime_config {
  settings(size_t worker_threads, std::vector<std::string> options);
};

/// A server on a separate runtime, which may be a node of a cluster, and actors
/// that count the notifications of the server and the cluster.
class world {
public:
  explicit world(size_t threads = 1, std::vector<std::string> options = {});

  /// Options of a node that other nodes connect to at `port()`.
  static std::vector<std::string> listening();

  /// Options of a node that connects to the one at `port`.
  static std::vector<std::string> joining(uint16_t port);

  caf::actor_system& system() {
    return system_;
  }

  troupe::server& server() {
    return server_;
  }

  troupe::cluster& cluster() {
    return cluster_;
  }

  uint16_t port() const {
    return port_;
  }

  const caf::actor& registry() const {
    return server_.registry();
  }

  tally& counts() {
    return counts_;
  }

  /// Waits until the registry and the cluster actor have processed all earlier
  /// messages.
  void sync();

  crew& actors() {
    return actors_;
  }

  /// Connects a client. Its connection handles the events `join`, `leave` and
  /// `say`, and returns all other messages.
  std::shared_ptr<client> connect();
  std::vector<std::shared_ptr<client>> connect(size_t n);

private:
  settings settings_;
  tally counts_; // Outlives the actors that use it.
  caf::actor_system system_;
  troupe::server server_;
  troupe::cluster cluster_;
  crew actors_;
  uint16_t port_ = 0;
};

/// Returns the name of a room or an actor.
std::string name_of(size_t index);

} // namespace troupe::growth
