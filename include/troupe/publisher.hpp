#pragma once

#include "troupe/emitter.hpp"
#include "troupe/fwd.hpp"
#include "troupe/recipient.hpp"

#include <caf/actor.hpp>
#include <caf/local_actor.hpp>

#include <memory>
#include <string_view>

namespace troupe {

/// Sends events and messages in the name of an actor that is not a connection,
/// such as a bot or a game: `out.to_room("game").emit("state", board)`. Rooms,
/// ids and `all` are those of all nodes. Messages that the actor sends by
/// publishers and directly to the registry arrive at each receiver in the order
/// of the calls (C58), for all recipients. The actor need not be a member of a
/// room to send to it. There is no limit for what an actor sends.
///
/// To be used in handlers of the actor only, usually as a member of the actor
/// or its state. A connection uses `connection::to` instead. A publisher does
/// not keep the actor or the server alive; messages sent after the end of the
/// server are dropped. Copies share their state.
class publisher {
public:
  /// Creates a publisher.
  /// @param self      the actor that sends; must outlive the publisher.
  /// @param registry  the registry of the server on this node:
  ///                  `server::registry`.
  /// @param settings  the settings of the server, of which the publisher copies
  ///                  `event_prefix` and `binary_messages`.
  publisher(caf::local_actor& self, caf::actor registry,
            const config& settings);

  /// Returns an emitter for `whom`: `all`, a name, or any other recipient. A
  /// name stands for the connection with this id if there is one on any node,
  /// else for the room of this name (C41).
  actor_emitter to(recipient whom) const;

  /// Returns an emitter for the members of the room `name`.
  actor_emitter to_room(std::string_view name) const;

  /// Returns an emitter for the connection with the given id.
  actor_emitter to_connection(std::string_view id) const;

private:
  std::shared_ptr<actors::publish_target> target_;
};

} // namespace troupe
