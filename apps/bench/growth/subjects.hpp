#pragma once

#include <cstddef>

/// What troupe-growth measures: each function does at size `n` what its parts
/// say, and prints them.

namespace troupe::growth {

/// A connection joins `n` rooms and leaves them one by one, all at once, or by
/// its end.
void connection_leaves(size_t n);
void connection_leaves_all(size_t n);
void connection_ends(size_t n);

/// An actor joins `n` rooms, and dies.
void actor_member(size_t n);

/// Members come to a room of `n` while messages are under way.
void big_room(size_t n);

/// `n` actors are made known by name, looked up, and die.
void names(size_t n);

/// An actor is made known by `n` names, and dies.
void names_of_one(size_t n);

/// `n` actors subscribe to what happens to connections and rooms, and die.
void subscribers(size_t n);

/// The same for nodes and names.
void node_subscribers(size_t n);

/// Another node has `n` connections, which come and go; somebody here wants to
/// hear of them.
void remote_connections(size_t n);

/// The same, and messages go to ids that nobody has.
void unknown_ids(size_t n);

/// Another node has members in `n` rooms, and goes.
void remote_rooms(size_t n);

/// The same: the longest time that the registry does not answer meanwhile.
void remote_rooms_wait(size_t n);

/// `n` actors on another node say something in a room each.
void remote_senders(size_t n);

/// The server says something in each of `n` rooms.
void server_emitter(size_t n);

// -- by the clock, for a native run -------------------------------------------

/// A client joins `n` rooms and leaves them, beside one that sends and awaits
/// an answer.
void time_member(size_t n);

/// Members come to a room of `n` connections and leave it, saying something.
void time_big_room(size_t n);

/// On busy threads the server says something in each of `n` rooms, and so does
/// an actor.
void time_server_emitter(size_t n);

} // namespace troupe::growth
