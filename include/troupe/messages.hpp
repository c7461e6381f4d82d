#pragma once

#include "troupe/batch.hpp"
#include "troupe/decision_messages.hpp"
#include "troupe/error.hpp"
#include "troupe/frame.hpp"
#include "troupe/inspect.hpp"
#include "troupe/recipient.hpp"

#include <caf/actor.hpp>
#include <caf/message.hpp>
#include <caf/meta/load_callback.hpp>
#include <caf/meta/type_name.hpp>
#include <caf/timespan.hpp>
#include <caf/type_id.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

/// @file
///
/// Public message protocol between actors and a server: messages that any actor
/// may send to a connection, a room or the registry, and their responses. One
/// registry represents one `server` and is the contact for everything that is
/// addressed by name.
///
/// - Sending to one client: send `emit` to its connection; `disconnect` closes
///   it.
/// - Membership: send `join{name, self}` to the registry, which replies with
///   `joined` or `join_refused`. Any actor may be a member. A member receives a
///   `deliver` for each turn in which messages are published to the room, and
///   leaves by sending `leave` to the registry or by terminating. (A room
///   forwards `join` and `leave` to the registry.) A room exists from its first
///   member until its last one has left.
/// - Membership of connections: a connection manages its own membership. The
///   registry forwards the `join` or `leave` of another actor to the
///   connection, which responds. The same applies to members on other nodes.
/// - Slow members: some `deliver` messages are requests, to which CAF responds
///   when the handler returns. A member that does not process them in time is
///   removed and receives `member_removed` (`config::max_unread_batches`).
/// - Publishing: send `publish{recipient::room(name), frame}` to the registry,
///   or `publish` to the room itself, which ignores the name. The sender need
///   not be a member; publishing to a room without members is not an error
///   (C44). `recipient` lists the other recipients. If `ticket` is set, the
///   sender receives `confirmed` once the message has been handed to every
///   receiver. A `publisher` (publisher.hpp) encodes events and sends them this
///   way.
/// - Order: messages that one sender sends to the registry arrive at each
///   receiver in this order, for all recipients (C58). Messages sent directly
///   to a connection or a room are in order with these only if the sender waits
///   for `confirmed` in between.
/// - Cluster (cluster.hpp): an actor always talks to the registry of its own
///   node. Rooms, ids and `all` span all nodes, and the order of a sender is
///   preserved. Queries are answered for this node only, unless wrapped in
///   `survey`.
/// - Errors are sent only as responses to requests, since an actor without a
///   handler for errors would terminate.
/// - Acting on a connection by id: send `forward{id, message}` to the registry.
/// - Queries: send `lookup`, `connection`, `connections`,
/// `connections_by_room`,
///   `total_connections`, `is_connected` or `rooms` as a request to the
///   registry, `is_joined` to a connection, or `members` to a room.
///   Notifications: send `subscribe` to the registry.
/// - Termination: an actor linked to the registry terminates with the server.
///   Links and exit messages, `kill` included, do not terminate the registry, a
///   room or the cluster actor. Connections and rooms can be monitored like any
///   actor.

namespace troupe {

// -- values in responses ------------------------------------------------------

/// Describes a connection.
struct connection_info {
  std::string id;
  caf::actor handle;
};

/// Describes a room.
struct room_info {
  std::string name;
  caf::actor handle;
};

/// Combined result of a query to all nodes: the sum of all counts, the
/// concatenation of all lists, or true if it is true on any node.
template <class T>
struct partial {
  T value{};
  std::vector<std::string> silent; ///< Names of nodes without an answer.
};

} // namespace troupe

namespace troupe::msg {

// -- to a connection ----------------------------------------------------------

/// Sends `message` to the client of the receiving connection.
struct emit {
  frame message;
};

/// Closes the receiving connection with a closing handshake. The response is
/// empty, or errc::already_disconnected.
struct disconnect {
  close_code code = close_code::normal;
  std::string reason; ///< Cut to 123 bytes in the close frame.
};

/// Queries whether the receiving connection is a member of `room`. The response
/// is `bool`; true if `room` is the id of the connection (C42).
struct is_joined {
  std::string room;
};

/// Makes the receiving connection leave all its rooms. The response is empty
/// and is sent when all rooms have removed the connection.
struct leave_all {};

// -- to a connection, a room or the registry ----------------------------------

/// Makes an actor join a room.
///
/// Sent to a connection: the connection itself joins; `who` and `ticket` are
/// ignored. The response is empty and is sent when the room has added the
/// connection, or it is errc::reserved_name, errc::too_many_rooms,
/// errc::too_much_output or errc::already_disconnected.
///
/// Sent to the registry: `who` joins, or the sender if `who` is null, and
/// receives `joined` or `join_refused`. If `who` is another actor that is a
/// connection, the registry forwards the request to it, and it responds as
/// above. If `who` lives on another node, its registry handles the request; the
/// response is errc::no_such_node if that node is unknown.
struct join {
  std::string room;
  caf::actor who;
  uint64_t ticket = 0; ///< Returned in `joined` or `join_refused`.
};

/// Makes an actor leave a room. Receiver and `who` have the same meaning as for
/// `join`. The response is `bool`: whether the actor was a member.
struct leave {
  std::string room;
  caf::actor who;
};

// -- to a room or the registry ------------------------------------------------

/// Publishes `message`. The registry sends it to `to`. A room sends it to all
/// its members and ignores `to`, except for `skip_sender`.
struct publish {
  recipient to;
  frame message;
  uint64_t ticket = 0; ///< If not 0, returned in `confirmed`.
};

/// Queries the members of the receiving room on this node. The response is a
/// `std::vector<caf::actor>`.
struct members {};

// -- to the registry ----------------------------------------------------------

/// Queries the connection with the id `name`, else the room `name`. The
/// response is a `caf::actor`, or errc::no_such_name.
struct lookup {
  std::string name;
};

/// Queries all connections. The response is a `std::vector<connection_info>`.
struct connections {};

/// Queries the connection with the given id. The response is a
/// `connection_info`, or errc::no_such_name.
struct connection {
  std::string id;
};

/// Queries the connections in `room`. If `room` is the id of a connection, the
/// list contains only that connection (C42). The response is a
/// `std::vector<connection_info>`.
struct connections_by_room {
  std::string room;
};

/// Queries whether there is a connection with the given id. The response is
/// `bool`.
struct is_connected {
  std::string id;
};

/// Forwards `what` to the connection with the given id on any node; the
/// connection responds as if it had received `what` from the sender. If there
/// is no such connection, the registry responds: false to `is_joined` and
/// `leave`, empty to `leave_all` and `disconnect`, and errc::no_such_name to
/// everything else. If the node of the connection does not respond within 3 s,
/// the response is errc::no_answer.
struct forward {
  std::string id;
  caf::message what;
};

/// Queries all rooms, including rooms whose members are all on other nodes. The
/// response is a `std::vector<room_info>`.
struct rooms {};

/// Queries the number of connections. The response is `uint64_t`.
struct total_connections {};

/// Subscribes `who`, or the sender if `who` is null, to changes:
/// `connection_up`, `connection_down`, `id_lost`, `room_up` and `room_down`.
/// The subscription starts with the next change and ends with the subscriber.
/// It covers the rooms of all nodes and the connections of this node.
///
/// With `everywhere` it also covers the connections of other nodes: the
/// subscriber first receives a `connection_up` for each existing connection
/// there, and again after a node was unreachable. It may miss connections that
/// come and go while their node has too many events waiting
/// (`node_info::events_dropped`).
struct subscribe {
  caf::actor who;
  bool everywhere = false;
};

/// Queries all nodes of the cluster. `what` is `total_connections`,
/// `connections`, `connections_by_room`, `is_connected`, or `forward` with
/// `is_joined`. The response is a `partial<T>`, where `T` is the type of the
/// response to `what`.
struct survey {
  caf::message what;
  caf::timespan patience = std::chrono::seconds{2}; ///< Time limit per node.
};

// -- responses and notifications ----------------------------------------------

/// Sent by a room to its members: the messages of one turn.
/// `messages.for_each(self->id(), ...)` iterates over the messages for the
/// receiver.
struct deliver {
  batch messages;
  std::string room; ///< The name; empty if sent to everyone.
};

/// Sent by the registry to a new member.
struct joined {
  std::string room;
  caf::actor handle; ///< The room.
  uint64_t ticket = 0;
};

/// Sent by the registry to an actor that may not join: errc::reserved_name,
/// errc::too_many_rooms, or errc::already_disconnected if the server stops.
struct join_refused {
  std::string room;
  caf::error reason;
  uint64_t ticket = 0;
};

/// Sent by a room to a member that it removed because the member reads too
/// slowly (errc::slow_receiver). Messages since its last `deliver` are lost.
/// The actor may join again.
struct member_removed {
  std::string room;
  caf::error reason;
};

/// Sent to the publisher of messages with the tickets `first` to `last`: these
/// messages have been handed to all their receivers.
struct confirmed {
  uint64_t first = 0;
  uint64_t last = 0; ///< Inclusive.
};

/// Sent to subscribers when a connection has been registered.
struct connection_up {
  std::string id;
  caf::actor handle;
};

/// Sent to subscribers when a connection has ended.
struct connection_down {
  std::string id;
  close_code code = close_code::abnormal;
  std::string reason;
};

/// Sent to subscribers before the `connection_down` of a connection on this
/// node that is closed because a connection on another node has the same id
/// (`config::on_id_conflict`).
struct id_lost {
  std::string id;
  std::string node; ///< The name of the other node.
};

/// Sent to subscribers when a room has been created.
struct room_up {
  std::string name;
  caf::actor handle;
};

/// Sent to subscribers when a room has ended. If a room fails or the server
/// stops, it is also sent to the remaining members.
struct room_down {
  std::string name;
};

} // namespace troupe::msg

namespace troupe {

// -- inspection ---------------------------------------------------------------

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, frame& x) {
  std::string payload{x.payload()};
  bool binary = x.is_binary();
  auto store = [&]() -> caf::error {
    x = binary ? frame::binary(payload) : frame::automatic(payload);
    return {};
  };
  return f(caf::meta::type_name("troupe::frame"), binary, payload,
           caf::meta::load_callback(store));
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, batch::entry& x) {
  return f(caf::meta::type_name("troupe::batch::entry"), x.message, x.from,
           x.skip_sender, x.from_remote);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, batch& x) {
  auto entries = x.entries();
  auto store = [&]() -> caf::error {
    x = batch{std::move(entries)};
    return {};
  };
  return f(caf::meta::type_name("troupe::batch"), entries,
           caf::meta::load_callback(store));
}

/// Defines `inspect`, with the fields as `x.name`.
TROUPE_INSPECT(troupe, connection_info, x.id, x.handle)
TROUPE_INSPECT(troupe, room_info, x.name, x.handle)

template <class Inspector, class T>
typename Inspector::result_type inspect(Inspector& f, partial<T>& x) {
  return f(caf::meta::type_name("troupe::partial"), x.value, x.silent);
}

} // namespace troupe

namespace troupe::msg {

TROUPE_INSPECT(troupe::msg, emit, x.message)
TROUPE_INSPECT(troupe::msg, disconnect, x.code, x.reason)
TROUPE_INSPECT(troupe::msg, is_joined, x.room)
TROUPE_INSPECT(troupe::msg, leave_all)
TROUPE_INSPECT(troupe::msg, join, x.room, x.who, x.ticket)
TROUPE_INSPECT(troupe::msg, leave, x.room, x.who)
TROUPE_INSPECT(troupe::msg, publish, x.to, x.message, x.ticket)
TROUPE_INSPECT(troupe::msg, members)
TROUPE_INSPECT(troupe::msg, lookup, x.name)
TROUPE_INSPECT(troupe::msg, connections)
TROUPE_INSPECT(troupe::msg, connection, x.id)
TROUPE_INSPECT(troupe::msg, connections_by_room, x.room)
TROUPE_INSPECT(troupe::msg, is_connected, x.id)
TROUPE_INSPECT(troupe::msg, forward, x.id, x.what)
TROUPE_INSPECT(troupe::msg, rooms)
TROUPE_INSPECT(troupe::msg, total_connections)
TROUPE_INSPECT(troupe::msg, subscribe, x.who, x.everywhere)
TROUPE_INSPECT(troupe::msg, survey, x.what, x.patience)
TROUPE_INSPECT(troupe::msg, deliver, x.messages, x.room)
TROUPE_INSPECT(troupe::msg, joined, x.room, x.handle, x.ticket)
TROUPE_INSPECT(troupe::msg, join_refused, x.room, x.reason, x.ticket)
TROUPE_INSPECT(troupe::msg, member_removed, x.room, x.reason)
TROUPE_INSPECT(troupe::msg, confirmed, x.first, x.last)
TROUPE_INSPECT(troupe::msg, connection_up, x.id, x.handle)
TROUPE_INSPECT(troupe::msg, connection_down, x.id, x.code, x.reason)
TROUPE_INSPECT(troupe::msg, id_lost, x.id, x.node)
TROUPE_INSPECT(troupe::msg, room_up, x.name, x.handle)
TROUPE_INSPECT(troupe::msg, room_down, x.name)

} // namespace troupe::msg

/// Type ids of troupe. Type ids of applications start at `first_custom_type_id
/// + 1000`. Append only.
CAF_BEGIN_TYPE_ID_BLOCK(troupe, first_custom_type_id)
  CAF_ADD_TYPE_ID(troupe, (troupe::frame))
  CAF_ADD_TYPE_ID(troupe, (troupe::batch))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::emit))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::disconnect))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::join))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::leave))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::publish))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::members))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::lookup))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::connections))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::rooms))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::total_connections))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::subscribe))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::deliver))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::joined))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::join_refused))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::confirmed))
  CAF_ADD_TYPE_ID(troupe, (troupe::connection_info))
  CAF_ADD_TYPE_ID(troupe, (troupe::room_info))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::connection_up))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::connection_down))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::room_up))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::room_down))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::is_joined))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::leave_all))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::connection))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::connections_by_room))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::is_connected))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::forward))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::survey))
  CAF_ADD_TYPE_ID(troupe, (troupe::partial<uint64_t>) )
  CAF_ADD_TYPE_ID(troupe, (troupe::partial<bool>) )
  CAF_ADD_TYPE_ID(troupe,
                  (troupe::partial<std::vector<troupe::connection_info>>) )
  CAF_ADD_TYPE_ID(troupe, (std::vector<troupe::connection_info>) )
  CAF_ADD_TYPE_ID(troupe, (std::vector<troupe::room_info>) )
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::member_removed))
  CAF_ADD_TYPE_ID(troupe, (troupe::recipient))
  CAF_ADD_TYPE_ID(troupe, (troupe::msg::id_lost))
CAF_END_TYPE_ID_BLOCK(troupe)
