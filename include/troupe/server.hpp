#pragma once

#include "troupe/config.hpp"
#include "troupe/connection.hpp"
#include "troupe/fwd.hpp"
#include "troupe/messages.hpp"
#include "troupe/publisher.hpp"
#include "troupe/query.hpp"
#include "troupe/room_options.hpp"
#include "troupe/service.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace troupe {

namespace net {

class endpoint;

} // namespace net

/// Event counters of a server since its start, and what it has now.
struct server_stats {
  uint64_t connections_opened = 0;
  uint64_t connections_closed = 0;
  uint64_t messages_in = 0;        ///< Data messages from clients.
  uint64_t unknown_events = 0;     ///< Events without a handler (C35).
  uint64_t malformed_events = 0;   ///< Malformed messages with prefix (C55).
  uint64_t unfit_values = 0;       ///< Payloads that fit no handler (C34).
  uint64_t handler_failures = 0;   ///< Exceptions from handlers (C48).
  uint64_t slow_receivers = 0;     ///< Connections closed as slow (C60).
  uint64_t messages_dropped = 0;   ///< Messages to slow clients (C60).
  uint64_t backlog_dropped = 0;    ///< Of these: `max_backlog_bytes`.
  uint64_t messages_conflated = 0; ///< Replaced by newer ones (C60).
  uint64_t ids_refused = 0;        ///< Connections refused (C1, C31).
  uint64_t ids_lost = 0;           ///< Connections closed with `id_lost`.
  uint64_t output_dropped = 0;     ///< Output beyond `max_output_bytes`.
  uint64_t joins_refused = 0;      ///< Beyond `max_rooms_per_connection`.
  uint64_t rooms_refused = 0;      ///< Joins beyond `max_rooms`.
  uint64_t members_removed = 0;    ///< Actors that read too slowly.
  uint64_t rates_exceeded = 0;     ///< Connections closed as too fast.
  uint64_t rooms = 0;              ///< Rooms that exist now.
};

/// Tag for queries to all nodes of the cluster in place of this node only:
/// `server.total_connections(everywhere)`. The result lists the nodes that did
/// not answer (`partial::silent`).
struct everywhere_t {};
inline constexpr everywhere_t everywhere;

/// Represents one WebSocket endpoint: its settings, callbacks, connections and
/// rooms. A route of a listener leads to it (see `listener::route`). Members
/// are thread-safe unless stated otherwise.
///
/// A connection goes through these steps, each exactly once (C62): check of the
/// request, handshake, id, registration, `on_connection`, reading; then
/// `on_leave` for each room right before it is left, `on_disconnect`, removal
/// from the registry, end of the socket.
class server {
public:
  /// Creates a server. Does no I/O (C16).
  /// @param sys  an actor system that uses `runtime_config`; must outlive the
  ///             server.
  /// @param cfg  the settings; validated by `listener::start` and `upgrade`.
  explicit server(caf::actor_system& sys, config cfg = {});

  /// Calls `stop`. Handlers may use the server until they return.
  /// @pre Not called on a runtime thread, where the destructor cannot wait.
  ~server();

  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Adds a callback for new connections, which is called before any message of
  /// the connection is read (C17). Callbacks run on the thread of the
  /// connection, in the order of registration. A callback applies to later
  /// connections only. If it throws, `on_error` is called, the remaining
  /// callbacks are not, and the connection is closed with 1011 without reading,
  /// followed by `on_leave` and `on_disconnect` as usual.
  void on_connection(callback<troupe::connection&> f);

  /// Opens the rooms that `pattern` matches to clients of protocol version 2.
  /// Clients may join, leave and publish only where a program has opened rooms.
  /// Of several patterns that match a room, its name counts, else the longest
  /// prefix. Rooms of other names, and the members of `connection`, are not
  /// affected.
  /// @param pattern  the name of a room, or a prefix followed by `*`. Replaces
  ///                 the options of the same pattern.
  /// @param options  what clients may do.
  /// @warning With a pattern such as `*`, a client can join a room that has the
  ///          name of a connection. What is sent to `to(name)` reaches that
  ///          room while there is no such connection; `to_connection` does not.
  void rooms(std::string pattern, room_options options = {});

  /// Handles the events and requests `event` of all clients that no handler of
  /// their connection takes. Replaces what has served `event` so far; what was
  /// asked already, answers. May be called at any time.
  /// @param event  the name of the event.
  /// @param f      a callable as described in handler.hpp. Shared by all
  ///               connections: called on the thread of the connection, which
  ///               it must not block, and on several threads at once, so it has
  ///               to be thread-safe.
  template <class F>
  requires(!std::convertible_to<F, caf::actor>)
    && (!std::convertible_to<F, std::string>) void serve(std::string event,
                                                         F f) {
    add_service(std::move(event), make_event_handler(std::move(f)));
  }

  /// Does the same for `event`, an `event_type` or a `request_type`, whose
  /// types `f` takes and returns.
  template <typed_name Name, class F>
  void serve(Name event, F f) {
    add_service(std::string{event.name().get()},
                make_event_handler(event, std::move(f)));
  }

  /// Lets an actor handle the events and requests `event` of all clients that
  /// no handler of their connection takes: the actor receives `msg::question`
  /// (service.hpp). A request is answered exactly once: by the actor; or it is
  /// refused with `timeout` if the actor does not answer in time; with
  /// `unavailable` if it has terminated, or terminates before it has answered;
  /// or with `failed` if it responds with an error of its own or with something
  /// else. The connection handles other messages meanwhile. The requests of a
  /// client that wait count for `config::max_requests`; events are passed on
  /// without a limit. Otherwise the same as the other overload.
  /// @param event  the name of the event.
  /// @param who    an actor of any node.
  /// @param how    the time limit.
  void serve(std::string event, caf::actor who, serve_options how = {});

  /// Lets the actor that is registered in the cluster under `name` handle
  /// events and requests (`cluster::register_actor`). The actor is looked up
  /// for each of them. If there is none of this name, or if the server was not
  /// added to a cluster as those of an app are, requests are refused with
  /// `unavailable` and events are dropped. Otherwise the same as the other
  /// overload.
  void serve(std::string event, std::string name, serve_options how = {});

  /// Returns the settings.
  const config& settings() const noexcept;

  /// Returns the registry actor, the receiver of the messages in messages.hpp.
  const caf::actor& registry() const noexcept;

  /// Returns the current event counters.
  server_stats stats() const;

  // -- sending ----------------------------------------------------------------

  /// Returns an emitter that sends in the name of the server to `whom`: `all`,
  /// a name, or any other recipient. A name stands for the connection with this
  /// id if there is one on any node, else for the room of this name (C41).
  /// Since a server is not a connection, `broadcast` is the same as `all`.
  ///
  /// Messages that one thread sends by the emitters of a server arrive in this
  /// order, and in order with the commands of this thread to connections (C58):
  /// a message to a room reaches all connections that `join` added before, and
  /// none that `leave` or `leave_all` removed; a connection on this node
  /// receives what was sent to it before `disconnect`. To achieve this, a
  /// message waits with all later ones until earlier commands for its room have
  /// been completed, for at most 2 s, since a connection whose handler blocks
  /// or awaits a response does not complete them.
  ///
  /// `config::max_output_bytes` limits the size of messages that wait for
  /// rooms; further messages are dropped and counted
  /// (`server_stats::output_dropped`).
  emitter to(recipient whom);

  /// Returns an emitter for the members of the room `name`.
  emitter to_room(std::string_view name);

  /// Returns an emitter for the connection with the given id.
  emitter to_connection(std::string_view id);

  /// Returns a publisher for an actor that sends in its own name, such as a
  /// bot.
  /// @pre `self` outlives the publisher.
  publisher publisher_for(caf::local_actor& self) const;

  // -- queries about this node (see query.hpp) --------------------------------

  /// Queries the connection with the given id (C20). Error: errc::no_such_name.
  query<connection_info> connection(std::string id) const;

  /// Queries all connections (C21).
  query<std::vector<connection_info>> connections() const;

  /// Queries the connections in a room; other members are not listed (C22). If
  /// `room` is the id of a connection, the result is that connection (C42).
  query<std::vector<connection_info>>
  connections_by_room(std::string room) const;

  /// Queries the number of connections (C23).
  query<uint64_t> total_connections() const;

  /// Queries whether there is a connection with the given id (C24).
  query<bool> is_connected(std::string id) const;

  /// Queries whether the connection `id` is a member of `room` (C25). The
  /// connection may be on any node. The result is false if there is none.
  query<bool> is_joined(std::string room, std::string id) const;

  // -- queries about all nodes (see query.hpp) --------------------------------

  /// Queries the connections of all nodes.
  query<partial<std::vector<connection_info>>> connections(everywhere_t) const;

  /// Queries the connections in a room on all nodes.
  query<partial<std::vector<connection_info>>>
  connections_by_room(std::string room, everywhere_t) const;

  /// Queries the number of connections on all nodes.
  query<partial<uint64_t>> total_connections(everywhere_t) const;

  /// Queries whether any node has a connection with the given id.
  query<partial<bool>> is_connected(std::string id, everywhere_t) const;

  /// Queries whether the connection `id` is a member of `room`, on all nodes.
  query<partial<bool>> is_joined(std::string room, std::string id,
                                 everywhere_t) const;

  // -- commands to connections on any node (see query.hpp) --------------------
  //
  // They are in order with messages sent by `to`. `config::max_output_bytes`
  // limits the size of commands, `is_joined` and `connections_by_room` that
  // have no response yet: beyond it they fail with errc::too_much_output.

  /// Makes the connection `id` join `room` (C26). The response is sent when the
  /// room has added the connection. Joining a room twice has no further effect,
  /// and a membership ends with its connection (C30). Errors:
  /// errc::no_such_name, errc::reserved_name, errc::too_many_rooms and
  /// errc::already_disconnected.
  command<void> join(std::string room, std::string id);

  /// Makes the connection `id` leave `room` (C27). The response is whether the
  /// connection was a member; false if there is no such connection.
  command<bool> leave(std::string room, std::string id);

  /// Makes the connection `id` leave all its rooms (C28). An unknown id is not
  /// an error.
  command<void> leave_all(std::string id);

  /// Closes the connection `id` (C29). An unknown id is not an error. Error:
  /// errc::already_disconnected if the connection is closing.
  command<void> disconnect(std::string id, close_code code = close_code::normal,
                           std::string reason = {});

  /// Returns the endpoint that a route of a listener leads to (C18).
  std::shared_ptr<net::endpoint> handler() const noexcept;

  /// Takes over a connection whose HTTP request has been read by the program,
  /// with Boost.Beast (C19). Defined in troupe/beast.hpp.
  ///
  /// The request is checked as by a listener. If it is refused, the client
  /// receives the response with the matching status, the socket is closed, and
  /// `upgraded::err` of the result states the cause. Otherwise the socket is
  /// moved to a runtime thread, which completes the handshake. Thread-safe;
  /// does not block.
  /// @param stream        the connection: a `tcp::socket` with any executor, or
  ///                      a `beast::tcp_stream`, without pending operations.
  ///                      Must be plain TCP; TLS has to be terminated in front
  ///                      of the program.
  /// @param req           the request read from it: a `beast::http::request`
  ///                      without a body.
  /// @param bytes_beyond  the number of bytes read after the request. Must be 0
  ///                      for a valid handshake, since clients wait for the
  ///                      response; the request is refused otherwise.
  /// @returns the new connection, or the error.
  template <class Stream, class Request>
  upgraded upgrade(Stream stream, const Request& req, size_t bytes_beyond = 0);

  /// Takes over a connection like the other overload, and then treats it like
  /// one of a listener: `setup` is called after the callbacks of
  /// `on_connection`, before any message of the client is read.
  /// @param stream        see the other overload.
  /// @param req           see the other overload.
  /// @param setup         not called if the connection ends earlier. If it
  ///                      throws, the connection is closed with 1011 without
  ///                      reading.
  /// @param bytes_beyond  see the other overload.
  /// @returns a handle to the new connection, or the error.
  template <class Stream, class Request>
  caf::expected<caf::actor> upgrade(Stream stream, const Request& req,
                                    callback<troupe::connection&> setup,
                                    size_t bytes_beyond = 0);

  /// Closes the connections that exist now with 1012, in random order and
  /// evenly over `window`, so that their clients do not all connect elsewhere
  /// at once; at the end also those that have come meanwhile. Does not refuse
  /// new connections: call `listener::drain` first.
  /// Returns immediately.
  void drain(caf::timespan window);

  /// Refuses new connections and closes all existing ones with 1001. Returns
  /// immediately. Idempotent.
  void begin_stop();

  /// Calls `begin_stop`, and waits until the handlers of all connections have
  /// returned and the clients have received all messages. After
  /// `config::close_timeout` plus 1 s, the remaining connections end without a
  /// closing handshake, with calls to `on_leave` and `on_disconnect`. Handlers
  /// that have not returned are waited for without limit, and the log names
  /// them.
  /// @pre Not called on a runtime thread, where `stop` logs an error and
  ///      returns.
  void stop();

private:
  friend class cluster;

  void add_service(std::string event, event_handler f);
  void set_directory(caf::actor cluster) const;
  upgraded take_over(int socket, std::string head, size_t bytes_beyond);

  class impl;
  std::shared_ptr<impl> impl_;
};

} // namespace troupe
