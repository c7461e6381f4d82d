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

/// @file
///
/// Message protocol between the registry and the rooms of a server on one side
/// and its bridges on the other. A bridge represents the server on one other
/// node, which is called its node here.

namespace troupe::actors {

/// Sent by a bridge to the registry. Registers the sender as the bridge to
/// `node`. The registry sends `local_names`, then a message for each change,
/// and all messages for everyone.
struct register_bridge {
  std::string node;
};

/// Sent by the registry to a bridge: the current state of this node.
struct local_names {
  std::vector<std::string> populated; ///< Rooms with members.
  std::vector<held_id> held;
};

/// Sent by the registry to its bridges when `room` gets its first member on
/// this node or loses its last one.
struct room_populated {
  std::string room;
  bool has_members = false;
};

/// Sent by a bridge to the registry when `room` gets its first member on the
/// node of the bridge or loses its last one.
struct remote_room_populated {
  std::string room;
  bool has_members = false;
};

/// Sent by the registry to its bridges, and by a bridge to the registry. A
/// connection on the sending side has an id that a program has chosen.
struct id_held {
  held_id what;
};

/// Sent by the registry to its bridges, and by a bridge to the registry. No
/// connection on the sending side has the id anymore.
struct id_freed {
  std::string id;
};

/// Sent by a bridge to the registry: messages from the node of the bridge. The
/// registry responds with `confirmed` when they have been handed to all
/// receivers, or with `arrival_refused`.
struct arrival {
  recipient to;                       ///< Not of kind `any`.
  std::vector<batch::entry> messages; ///< All are `from_remote`.
  uint64_t ticket = 0;                ///< Chosen by the bridge.
};

/// Sent by the registry to a bridge that has been replaced. The messages of the
/// `arrival` with this ticket have been dropped.
struct arrival_refused {
  uint64_t ticket = 0;
};

/// Sent by the registry to a bridge as a request. Asks the registry on the node
/// of the bridge; its response is the response.
struct ask_remote {
  caf::message what;
};

/// Sent by the registry to its bridges. Starts or ends the notifications about
/// connections on the node of the bridge.
struct events_wanted {
  uint64_t round = 0; ///< Returned in each event; 0 ends the notifications.
};

/// Sent by a bridge to the registry as a request. The response is the list of
/// all connections; `connection_up` and `connection_down` follow for each
/// change.
struct watch_connections {};

/// Sent by a bridge to the registry. Ends the notifications that
/// `watch_connections` has started.
struct unwatch_connections {};

/// Sent by a bridge to the registry as a request. The response is empty and
/// follows the processing of all earlier messages of the bridge.
struct fence {};

/// Sent by a bridge to the registry: a `connection_up` or `connection_down` of
/// its node.
struct remote_event {
  caf::message what;
  uint64_t round = 0; ///< From the `events_wanted` that asked for it.
};

/// Like `msg::forward`, but only for connections of the receiving node. The
/// response is errc::no_such_name if there is no such connection.
struct forward_local {
  std::string id;
  caf::message what;
};

TROUPE_INSPECT(troupe::actors, forward_local, x.id, x.what)

} // namespace troupe::actors

CAF_BEGIN_TYPE_ID_BLOCK(troupe_bridges, first_custom_type_id + 450)
  CAF_ADD_TYPE_ID(troupe_bridges, (troupe::actors::forward_local))
CAF_END_TYPE_ID_BLOCK(troupe_bridges)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::register_bridge)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::local_names)
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
