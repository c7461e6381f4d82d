#pragma once

#include <cstddef>

/// The subjects of troupe-growth. Each function runs its workload at size `n`
/// and prints the cost of its parts.

namespace troupe::growth {

/// A connection joins `n` rooms and leaves them one by one, all at once, or by
/// its end.
void connection_leaves(size_t n);
void connection_leaves_all(size_t n);
void connection_ends(size_t n);

/// An actor joins `n` rooms and terminates.
void actor_member(size_t n);

/// Members join and leave a room of `n` members while messages are published.
void big_room(size_t n);

/// `n` actors are registered by name, looked up, and terminate.
void names(size_t n);

/// An actor is registered under `n` names and terminates.
void names_of_one(size_t n);

/// `n` actors subscribe to connections and rooms, and terminate.
void subscribers(size_t n);

/// `n` actors subscribe to nodes and names, and terminate.
void node_subscribers(size_t n);

/// `n` connections of another node begin and end; an actor here is subscribed
/// to them.
void remote_connections(size_t n);

/// Messages are sent to unknown ids while another node has `n` connections.
void unknown_ids(size_t n);

/// Another node with members in `n` rooms is lost.
void remote_rooms(size_t n);

/// Same as `remote_rooms`; measures the longest time that the registry does not
/// respond.
void remote_rooms_wait(size_t n);

/// `n` actors on another node each publish to a different room.
void remote_senders(size_t n);

/// The server publishes to each of `n` rooms.
void server_emitter(size_t n);

// -- measured by the clock, in a native run -----------------------------------

/// A client joins and leaves `n` rooms while another one on the same thread
/// measures response times.
void time_member(size_t n);

/// Members join and leave a room of `n` connections and publish messages.
void time_big_room(size_t n);

/// On busy threads, the server and an actor each publish to `n` rooms.
void time_server_emitter(size_t n);

} // namespace troupe::growth
