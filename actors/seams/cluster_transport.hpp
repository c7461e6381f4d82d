#pragma once

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/error.hpp>
#include <caf/expected.hpp>

#include <cstdint>
#include <string>

namespace troupe::actors {

/// The seam between the membership of a cluster and the sockets below it, which
/// carry CAF's messages from node to node. Every node lets one actor be found,
/// its membership. Members are thread-safe and do not block.
class cluster_transport {
public:
  virtual ~cluster_transport() = default;

  /// Lets nodes in at `address`: whoever comes can send to `membership`.
  /// @returns the port.
  virtual caf::expected<uint16_t>
  listen(const std::string& address, caf::actor membership) = 0;

  /// Goes to the node at `address`: `asks` gets `reached` or `not_reached`,
  /// within a few seconds.
  virtual void dial(const std::string& address, caf::actor asks) = 0;

  /// Lets nobody in any more and ends what is under way. Idempotent.
  virtual void stop() = 0;
};

/// There is a node at `address`, or this one itself: then `membership` is
/// local. Its death, or the loss of its node, is a `down` of `membership`.
struct reached {
  std::string address;
  caf::actor membership;
};

struct not_reached {
  std::string address;
  caf::error reason;
};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::reached)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::not_reached)
