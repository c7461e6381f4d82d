#pragma once

#include "troupe/batch.hpp"
#include "troupe/error.hpp"
#include "troupe/frame.hpp"
#include "troupe/inspect.hpp"
#include "troupe/recipient.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/message.hpp>
#include <caf/meta/load_callback.hpp>
#include <caf/meta/type_name.hpp>
#include <caf/timespan.hpp>
#include <caf/type_id.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

/// The public message protocol: what any actor may send to a connection, a room
/// or the registry, and what they send back. One registry stands for one
/// `server`; ask it for everything by name. In short:
///
/// - To be heard by one client: `emit` to its connection. To end it:
///   `disconnect`.
/// - To take part in a room: `join{name, me}` to the registry, which answers
///   `joined{name, room}` or `join_refused`. From then on the member gets a
///   `deliver` for each turn in which something was published. A member is any
///   actor, and leaves by `leave` to the registry or by its death. (A room
///   passes both on to the registry.) A connection's membership is its own:
///   who wants another one to join or leave makes that one do it, and gets its
///   answer; so does a member on another node. A room begins with its first
///   member and ends with the last. Some `deliver` are requests, to which CAF
///   answers when the handler returns: a member that does not read for too long
///   is removed, and told `member_removed` (`config::max_unread_batches`).
/// - To be heard by a room: `publish{recipient::room(name), frame}` to the
///   registry, or the same to the room itself, where the name is not looked at.
///   Membership is not needed; a room without members is no error (C44).
///   `recipient` tells whom else one can reach. With a `ticket`, the sender is
///   told `confirmed` once the message is in front of every receiver. A
///   `publisher` (publisher.hpp) makes events and sends them so.
/// - Order: what one sender sends to the registry, to whatever recipients,
///   arrives in that order at each receiver (C58). What it sends straight to a
///   connection or a room is in order with that only if it waits for
///   `confirmed` before it changes from one to the other.
/// - On other nodes of a cluster (cluster.hpp): one speaks to the registry of
///   one's own node, and its rooms, ids and everybody are those of all nodes.
///   What one sender sends keeps its order there, too. Questions are answered
///   for this node alone, unless asked `across`.
/// - Errors are told to whom they answer a request, never to who merely sends:
///   an actor that expects none would end.
/// - To act on a connection that one knows by id: `tell{id, message}` to the
///   registry.
/// - To find out: `lookup`, `connections`, `connections_in`, `connection_with`,
///   `is_connected`, `rooms`, `total` to the registry, `is_joined` to a
///   connection, `members` to a room, all as requests. To be kept informed:
///   `subscribe`.
/// - An actor linked to the registry ends with the server. No link and no exit
///   message, `kill` included, ends the registry, a room or the cluster actor.
/// - Connections and rooms send `down` to who monitors them, as any actor does.

namespace troupe {

// -- to a connection ----------------------------------------------------------

/// Sends `message` to the connection's client.
struct emit {
  frame message;
};

/// Ends the connection with a closing handshake. Answers nothing, or
/// errc::already_disconnected.
struct disconnect {
  close_code code = close_code::normal;
  std::string reason; ///< Cut to 123 bytes.
};

/// Asks whether it is a member of `room`: answers `bool`. It is one of the room
/// that has its id as name (C42).
struct is_joined {
  std::string room;
};

/// It leaves all its rooms. Answers nothing, once they know.
struct leave_all {};

// -- to a connection, a room or the registry ----------------------------------

/// Makes an actor a member of a room. To a connection: it joins `room` itself,
/// and answers nothing once it is a member, or errc::reserved_name,
/// errc::too_many_rooms, errc::already_disconnected. To the registry: `who`
/// joins, or the sender if `who` is null; if `who` is a connection, it is asked
/// to, and answers; errc::no_such_node if its node is unknown.
struct join {
  std::string room;
  caf::actor who;
  uint64_t ticket = 0; ///< Comes back in `joined` or `join_refused`.
};

/// The opposite of `join`, with the same ways; no effect on who is not a
/// member. Answers whether it was one, as `bool`.
struct leave {
  std::string room;
  caf::actor who;
};

// -- to a room or the registry ------------------------------------------------

/// Sends `message`. To the registry: to whom `to` says. To a room: to all its
/// members, of `to` only `skip_sender` counts.
struct publish {
  recipient to;
  frame message;
  uint64_t ticket = 0; ///< Not 0: comes back in `confirmed`.
};

/// Asks a room for its members: answers `std::vector<caf::actor>`.
struct members {};

// -- to the registry ----------------------------------------------------------

/// Asks for the connection with this id, else the room of this name: answers
/// `caf::actor`, or errc::no_such_name.
struct lookup {
  std::string name;
};

/// Asks for all connections: answers `std::vector<connection_info>`.
struct connections {};

/// Asks for the connection with this id: answers `connection_info`, or
/// errc::no_such_name.
struct connection_with {
  std::string id;
};

/// Asks for the connections in `room`, or the one whose id that is (C42):
/// answers `std::vector<connection_info>`.
struct connections_in {
  std::string room;
};

/// Asks whether there is a connection with this id: answers `bool`.
struct is_connected {
  std::string id;
};

/// Passes `what` on to the connection with this id, as if it were sent there,
/// and that answers. If there is none, the registry answers: false to
/// `is_joined` and `leave`, nothing to `leave_all` and `disconnect`, else
/// errc::no_such_name.
struct tell {
  std::string id;
  caf::message what;
};

/// Asks for all rooms: answers `std::vector<room_info>`.
struct rooms {};

/// Asks for the number of connections: answers `uint64_t`.
struct total {};

/// Sends `who` (or the sender, if null) a `connection_up`, `connection_down`,
/// `id_lost`, `room_up` or `room_down` for each one from now on, until it dies.
/// Rooms are those of the whole cluster, connections those of this node; with
/// `everywhere` also of other nodes, where one hears of those there are first,
/// and of all again after a node came back. Of one that comes and goes there
/// while that node has more to tell than we take in one may never hear.
struct subscribe {
  caf::actor who;
  bool everywhere = false;
};

/// Asks all nodes of the cluster what one is asked by `what`: `total`,
/// `connections`, `connections_in`, `is_connected`, or `tell` with `is_joined`.
/// Answers `partial<T>`.
struct across {
  caf::message what;
  caf::timespan patience = std::chrono::seconds{2}; ///< For each node.
};

// -- what comes back ----------------------------------------------------------

/// What the nodes of a cluster know together: counts added up, lists joined,
/// true if it is on any.
template <class T>
struct partial {
  T value{};
  std::vector<std::string> silent; ///< Nodes that did not answer in time.
};

/// A room's messages of one turn. Read them by
/// `messages.for_each(self->id(), ...)`.
struct deliver {
  batch messages;
  std::string room; ///< Its name; empty for what was said to everybody.
};

/// The registry to a new member.
struct joined {
  std::string room;
  caf::actor handle; ///< The room.
  uint64_t ticket = 0;
};

/// The registry to one that may not join: errc::reserved_name,
/// errc::too_many_rooms, or errc::already_disconnected if the server stops.
struct join_refused {
  std::string room;
  caf::error reason;
  uint64_t ticket = 0;
};

/// A room to one that is no member any more, since it reads too slowly:
/// errc::slow_receiver. What was said since its last `deliver` is lost to it.
/// It may join again.
struct member_removed {
  std::string room;
  caf::error reason;
};

/// The messages that the receiver published with these tickets are in front of
/// all whom they were for.
struct confirmed {
  uint64_t first = 0;
  uint64_t last = 0; ///< That one included.
};

struct connection_info {
  std::string id;
  caf::actor handle;
};

struct room_info {
  std::string name;
  caf::actor handle;
};

struct connection_up {
  std::string id;
  caf::actor handle;
};

struct connection_down {
  std::string id;
  close_code code = close_code::abnormal;
  std::string reason;
};

/// Of a connection of this node, before its `connection_down`: it ends, since
/// another node has one of the same id (`config::on_id_conflict`).
struct id_lost {
  std::string id;
  std::string node; ///< The name of that one.
};

struct room_up {
  std::string name;
  caf::actor handle;
};

/// Also to the members that a room has at its end: when it is killed, or when
/// the server stops.
struct room_down {
  std::string name;
};

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

/// Defines `inspect` for a struct, with its fields as `x.name`.
TROUPE_INSPECT(troupe, emit, x.message)
TROUPE_INSPECT(troupe, disconnect, x.code, x.reason)
TROUPE_INSPECT(troupe, is_joined, x.room)
TROUPE_INSPECT(troupe, leave_all)
TROUPE_INSPECT(troupe, join, x.room, x.who, x.ticket)
TROUPE_INSPECT(troupe, leave, x.room, x.who)
TROUPE_INSPECT(troupe, publish, x.to, x.message, x.ticket)
TROUPE_INSPECT(troupe, members)
TROUPE_INSPECT(troupe, lookup, x.name)
TROUPE_INSPECT(troupe, connections)
TROUPE_INSPECT(troupe, connection_with, x.id)
TROUPE_INSPECT(troupe, connections_in, x.room)
TROUPE_INSPECT(troupe, is_connected, x.id)
TROUPE_INSPECT(troupe, tell, x.id, x.what)
TROUPE_INSPECT(troupe, rooms)
TROUPE_INSPECT(troupe, total)
TROUPE_INSPECT(troupe, subscribe, x.who, x.everywhere)
TROUPE_INSPECT(troupe, across, x.what, x.patience)
TROUPE_INSPECT(troupe, deliver, x.messages, x.room)
TROUPE_INSPECT(troupe, joined, x.room, x.handle, x.ticket)
TROUPE_INSPECT(troupe, join_refused, x.room, x.reason, x.ticket)
TROUPE_INSPECT(troupe, member_removed, x.room, x.reason)
TROUPE_INSPECT(troupe, confirmed, x.first, x.last)
TROUPE_INSPECT(troupe, connection_info, x.id, x.handle)
TROUPE_INSPECT(troupe, room_info, x.name, x.handle)
TROUPE_INSPECT(troupe, connection_up, x.id, x.handle)
TROUPE_INSPECT(troupe, connection_down, x.id, x.code, x.reason)
TROUPE_INSPECT(troupe, id_lost, x.id, x.node)
TROUPE_INSPECT(troupe, room_up, x.name, x.handle)
TROUPE_INSPECT(troupe, room_down, x.name)

template <class Inspector, class T>
typename Inspector::result_type inspect(Inspector& f, partial<T>& x) {
  return f(caf::meta::type_name("troupe::partial"), x.value, x.silent);
}

} // namespace troupe

/// Our type ids; those of an application begin at `first_custom_type_id +
/// 1000`, since there are more of ours. Append only.
CAF_BEGIN_TYPE_ID_BLOCK(troupe, first_custom_type_id)
  CAF_ADD_TYPE_ID(troupe, (troupe::frame))
  CAF_ADD_TYPE_ID(troupe, (troupe::batch))
  CAF_ADD_TYPE_ID(troupe, (troupe::emit))
  CAF_ADD_TYPE_ID(troupe, (troupe::disconnect))
  CAF_ADD_TYPE_ID(troupe, (troupe::join))
  CAF_ADD_TYPE_ID(troupe, (troupe::leave))
  CAF_ADD_TYPE_ID(troupe, (troupe::publish))
  CAF_ADD_TYPE_ID(troupe, (troupe::members))
  CAF_ADD_TYPE_ID(troupe, (troupe::lookup))
  CAF_ADD_TYPE_ID(troupe, (troupe::connections))
  CAF_ADD_TYPE_ID(troupe, (troupe::rooms))
  CAF_ADD_TYPE_ID(troupe, (troupe::total))
  CAF_ADD_TYPE_ID(troupe, (troupe::subscribe))
  CAF_ADD_TYPE_ID(troupe, (troupe::deliver))
  CAF_ADD_TYPE_ID(troupe, (troupe::joined))
  CAF_ADD_TYPE_ID(troupe, (troupe::join_refused))
  CAF_ADD_TYPE_ID(troupe, (troupe::confirmed))
  CAF_ADD_TYPE_ID(troupe, (troupe::connection_info))
  CAF_ADD_TYPE_ID(troupe, (troupe::room_info))
  CAF_ADD_TYPE_ID(troupe, (troupe::connection_up))
  CAF_ADD_TYPE_ID(troupe, (troupe::connection_down))
  CAF_ADD_TYPE_ID(troupe, (troupe::room_up))
  CAF_ADD_TYPE_ID(troupe, (troupe::room_down))
  CAF_ADD_TYPE_ID(troupe, (troupe::is_joined))
  CAF_ADD_TYPE_ID(troupe, (troupe::leave_all))
  CAF_ADD_TYPE_ID(troupe, (troupe::connection_with))
  CAF_ADD_TYPE_ID(troupe, (troupe::connections_in))
  CAF_ADD_TYPE_ID(troupe, (troupe::is_connected))
  CAF_ADD_TYPE_ID(troupe, (troupe::tell))
  CAF_ADD_TYPE_ID(troupe, (troupe::across))
  CAF_ADD_TYPE_ID(troupe, (troupe::partial<uint64_t>) )
  CAF_ADD_TYPE_ID(troupe, (troupe::partial<bool>) )
  CAF_ADD_TYPE_ID(troupe,
                  (troupe::partial<std::vector<troupe::connection_info>>) )
  CAF_ADD_TYPE_ID(troupe, (std::vector<troupe::connection_info>) )
  CAF_ADD_TYPE_ID(troupe, (std::vector<troupe::room_info>) )
  CAF_ADD_TYPE_ID(troupe, (troupe::member_removed))
  CAF_ADD_TYPE_ID(troupe, (troupe::recipient))
  CAF_ADD_TYPE_ID(troupe, (troupe::id_lost))
CAF_END_TYPE_ID_BLOCK(troupe)
