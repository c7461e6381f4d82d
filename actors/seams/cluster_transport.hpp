#pragma once

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/error.hpp>
#include <caf/expected.hpp>

#include <cstdint>
#include <string>

namespace troupe::actors {

/// The sockets of a cluster as its membership sees them. They carry CAF's
/// messages between nodes. Each node publishes one actor, its membership. All
/// functions are thread-safe. `dial` does not block.
class cluster_transport {
public:
  virtual ~cluster_transport() = default;

  /// Accepts connections of other nodes at `address` and publishes `membership`
  /// to them.
  /// @returns the port.
  virtual caf::expected<uint16_t>
  listen(const std::string& address, caf::actor membership) = 0;

  /// Connects to the node at `address`. `asks` receives `reached` or
  /// `not_reached` within a few seconds.
  virtual void dial(const std::string& address, caf::actor asks) = 0;

  /// Accepts no more connections and closes those that are being established.
  /// Idempotent.
  virtual void stop() = 0;
};

/// Response to `dial`. `membership` is that of the node at `address`, which may
/// be this node. Monitors of `membership` are notified if its node is lost.
struct reached {
  std::string address;
  caf::actor membership;
};

/// Response to `dial` if there is no node at `address`.
struct not_reached {
  std::string address;
  caf::error reason;
};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::reached)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::not_reached)
