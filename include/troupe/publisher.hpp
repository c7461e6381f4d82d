#pragma once

#include "troupe/emitter.hpp"
#include "troupe/fwd.hpp"
#include "troupe/recipient.hpp"

#include <caf/actor.hpp>
#include <caf/local_actor.hpp>

#include <memory>
#include <string_view>

namespace troupe {

/// Sends events and messages in the name of an actor that is no connection,
/// such as a bot or a game: `out.to_room("game").emit("state", board)`. Rooms,
/// ids and `all` are those of all nodes. What the actor sends by it, and by
/// messages to the registry, arrives at each receiver in the order of the calls
/// (C58), whatever the recipients. The actor need not be a member of a room to
/// speak in it. Nothing bounds what an actor sends.
///
/// For the actor itself, in its handlers; a member of it, or of its state, best
/// of all. A connection has emitters of its own: `connection::to`. It keeps
/// nobody alive; what is sent after the end of the server is dropped.
class publisher {
public:
  /// @param self     in whose name it sends; outlives this.
  /// @param registry of the server (`server::registry`), on this node.
  /// @param settings of the server: how its clients mark events, and whether
  ///                 they get binary messages. Copied.
  publisher(caf::local_actor& self, caf::actor registry,
            const config& settings);

  /// To everyone for `all`, to the connection with this id if there is one,
  /// else to the room of this name (C41), or to any other recipient.
  actor_emitter to(recipient whom) const;

  actor_emitter to_room(std::string_view name) const;
  actor_emitter to_connection(std::string_view id) const;

private:
  std::shared_ptr<actors::publish_target> target_;
};

} // namespace troupe
