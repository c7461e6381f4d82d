#pragma once

#include "actors/held_id.hpp"
#include "troupe/batch.hpp"
#include "troupe/inspect.hpp"
#include "troupe/messages.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/message.hpp>
#include <caf/type_id.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// What the bridges of a server, which stand for its other nodes, and its
/// registry and rooms say to each other.

namespace troupe::actors {

/// A bridge to the registry: asks to be its bridge to `node`. It gets
/// `names_here`, then a message for each change, and what is said to everybody.
struct bridge_here {
  std::string node;
};

/// The registry to a bridge: what there is.
struct names_here {
  std::vector<std::string> populated; ///< Rooms with members.
  std::vector<held_id> held;
};

/// The registry to its bridges: `room` has members on this node, or none any
/// more.
struct room_populated {
  std::string room;
  bool has_members = false;
};

/// A bridge to the registry: `room` has members on my node, or none any more.
struct remote_room_populated {
  std::string room;
  bool has_members = false;
};

/// The registry to its bridges, and a bridge to the registry: a connection of
/// this node, or of the bridge's, has an id of a program's own,
struct id_held {
  held_id what;
};

/// or none has it any more.
struct id_freed {
  std::string id;
};

/// A bridge to the registry: this came from my node. It is told `confirmed`
/// when the messages are in front of their receivers.
struct arrival {
  recipient to;                       ///< Not of kind `any`.
  std::vector<batch::entry> messages; ///< All `from_remote`.
  uint64_t ticket = 0;                ///< The bridge's own.
};

/// The registry to a bridge that was replaced: I do not take these.
struct arrival_refused {
  uint64_t ticket = 0;
};

/// The registry to a bridge: ask your counterpart's registry; a request.
struct ask_remote {
  caf::message what;
};

/// The registry to its bridges: somebody here wants to hear of connections on
/// your node, or nobody any more.
struct events_wanted {
  uint64_t round = 0; ///< Comes back with each event; 0: nobody wants any.
};

/// A bridge to the registry: send me `connection_up` and `connection_down` from
/// now on. A request, answered by those that there are.
struct watch_connections {};

/// A bridge to the registry: no more of these.
struct unwatch_connections {};

/// A bridge to the registry: a request, answered once all that it sent before
/// is read.
struct fence {};

/// A bridge to the registry: a `connection_up` or `connection_down` of my node.
struct remote_event {
  caf::message what;
  uint64_t round = 0; ///< Of the `events_wanted` that it answers.
};

/// Like `tell`, but for connections of the asked node only: errc::no_such_name
/// if it is none.
struct tell_here {
  std::string id;
  caf::message what;
};

TROUPE_INSPECT(troupe::actors, tell_here, x.id, x.what)

} // namespace troupe::actors

CAF_BEGIN_TYPE_ID_BLOCK(troupe_bridges, first_custom_type_id + 450)
  CAF_ADD_TYPE_ID(troupe_bridges, (troupe::actors::tell_here))
CAF_END_TYPE_ID_BLOCK(troupe_bridges)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::bridge_here)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::names_here)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::id_held)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::id_freed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::room_populated)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::remote_room_populated)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::arrival)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::arrival_refused)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::ask_remote)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::events_wanted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::watch_connections)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::unwatch_connections)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::fence)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::remote_event)
