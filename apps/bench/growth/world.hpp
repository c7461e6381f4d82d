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

/// Takes no bound but memory, and no time-out that callgrind would run into.
struct settings : runtime_config {
  settings(size_t worker_threads, std::vector<std::string> options);
};

/// A server on a runtime of its own, which may be a node of a cluster, and an
/// actor that counts what the server tells its subscribers.
class world {
public:
  explicit world(size_t threads = 1, std::vector<std::string> options = {});

  /// A node that others find at `port()`.
  static std::vector<std::string> listening();

  /// A node that looks for the one at `port`.
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

  /// Waits until registry and cluster actor have dealt with all that they have
  /// been sent.
  void sync();

  crew& actors() {
    return actors_;
  }

  /// A client whose connection knows the events `join` and `leave` and sends
  /// back what is no event.
  std::shared_ptr<client> connect();
  std::vector<std::shared_ptr<client>> connect(size_t n);

private:
  settings settings_;
  tally counts_; // Outlives the actors that count.
  caf::actor_system system_;
  troupe::server server_;
  troupe::cluster cluster_;
  crew actors_;
  uint16_t port_ = 0;
};

/// The name of a room or an actor.
std::string name_of(size_t index);

} // namespace troupe::growth
