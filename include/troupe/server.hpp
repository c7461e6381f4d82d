#pragma once

#include "troupe/config.hpp"
#include "troupe/connection.hpp"
#include "troupe/fwd.hpp"
#include "troupe/messages.hpp"
#include "troupe/publisher.hpp"
#include "troupe/query.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace troupe {

namespace net {

class endpoint;

} // namespace net

/// How often what happened on one server since its start.
struct server_stats {
  uint64_t connections_opened = 0;
  uint64_t connections_closed = 0;
  uint64_t messages_in = 0;        ///< Data messages of clients.
  uint64_t unknown_events = 0;     ///< Events without a handler (C35).
  uint64_t malformed_events = 0;   ///< Prefix but no event (C55).
  uint64_t unfit_values = 0;       ///< Payloads that fit no handler (C34).
  uint64_t handler_failures = 0;   ///< Handlers that threw (C48).
  uint64_t slow_receivers = 0;     ///< Connections ended for it (C60).
  uint64_t messages_dropped = 0;   ///< To slow clients (C60).
  uint64_t messages_conflated = 0; ///< Replaced by newer ones (C60).
  uint64_t ids_refused = 0;        ///< Ids invalid or taken (C1, C31).
  uint64_t ids_lost = 0;           ///< Connections ended: `id_lost`.
  uint64_t output_dropped = 0;     ///< Messages beyond `max_output_bytes`.
  uint64_t joins_refused = 0;      ///< Beyond `max_rooms_per_connection`.
  uint64_t rooms_refused = 0;      ///< Joins beyond `max_rooms`.
  uint64_t members_removed = 0;    ///< Actors beyond `max_unread_batches`.
};

/// Asks all nodes of the cluster (cluster.hpp), not this one alone:
/// `server.total_connections(everywhere)`.
struct everywhere_t {};
inline constexpr everywhere_t everywhere;

/// One WebSocket endpoint: settings, callbacks, and a registry of its
/// connections and rooms. Constructing does no I/O (C16). Mount it on a
/// listener's route. Members are thread-safe unless they say otherwise.
///
/// The life of a connection (C62): request checked, handshake, id, registered,
/// `on_connection`, read; at its end `on_leave` for each room right before it
/// is left, `on_disconnect`, gone from the registry, socket closed. Each once.
class server {
public:
  /// @pre `sys` has `runtime_config`'s scheduler and outlives the server.
  explicit server(caf::actor_system& sys, config cfg = {});

  /// Calls `stop`, and so waits for handlers under way, however long they take:
  /// they may use the server until they return. Not on a runtime thread, where
  /// it cannot wait.
  ~server();

  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Calls `f` for each new connection before any of its messages is read
  /// (C17). Several are called in order. Applies to connections to come. If one
  /// throws, on_error is told, those after it are not called, and the
  /// connection ends unread with close code 1011, `on_leave` and
  /// `on_disconnect` as at any end.
  void on_connection(std::function<void(troupe::connection&)> f);

  const config& settings() const noexcept;

  /// The registry actor; messages.hpp tells what it understands.
  const caf::actor& registry() const noexcept;

  server_stats stats() const;

  // -- sending in the server's own name ---------------------------------------

  /// To everyone for `all`, to the connection with this id if there is one,
  /// else to the room of this name (C41), or to any other recipient; a server
  /// is no connection that could be left out. What one thread sends by the
  /// emitters of a server arrives in that order. Of what rooms have not yet
  /// taken `config::max_output_bytes` wait; what is more is dropped and
  /// counted.
  ///
  /// The order includes what the thread has connections do (C58): a message to
  /// a room reaches whoever `join` made a member before it, and nobody whom
  /// `leave` or `leave_all` removed; a connection gets what was sent to it
  /// before `disconnect`, unless it is on another node. Such a message waits
  /// for the connection to join or leave, with all that is sent after it, for
  /// two seconds at most: a connection whose handler blocks, or awaits an
  /// answer, is not waited for any longer.
  emitter to(recipient whom);

  emitter to_room(std::string_view name);
  emitter to_connection(std::string_view id);

  /// For an actor that speaks in its own name, such as a bot.
  publisher publisher_for(caf::local_actor& self) const;

  // -- queries (see query.hpp) ------------------------------------------------

  /// The connection with this id (C20), or errc::no_such_name.
  query<connection_info> connection(std::string id) const;

  /// All connections there are now (C21).
  query<std::vector<connection_info>> connections() const;

  /// The connections in a room, or the one whose id `room` is (C22, C42); other
  /// members are not listed.
  query<std::vector<connection_info>>
  connections_by_room(std::string room) const;

  query<uint64_t> total_connections() const;      ///< C23
  query<bool> is_connected(std::string id) const; ///< C24

  /// Whether the connection `id` is in `room` (C25); false without one.
  query<bool> is_joined(std::string room, std::string id) const;

  // -- the same of all nodes of the cluster, with those that are silent -------

  query<partial<std::vector<connection_info>>> connections(everywhere_t) const;
  query<partial<std::vector<connection_info>>>
  connections_by_room(std::string room, everywhere_t) const;
  query<partial<uint64_t>> total_connections(everywhere_t) const;
  query<partial<bool>> is_connected(std::string id, everywhere_t) const;
  query<partial<bool>> is_joined(std::string room, std::string id,
                                 everywhere_t) const;

  // -- acting on connections, of any node: done even if nobody asks how it went.
  //    In order with what is sent by `to`. Of what is asked by these, by
  //    `is_joined` and by `connections_by_room` and is not answered,
  //    `config::max_output_bytes` wait; what is more is not done and counted:
  //    errc::too_much_output.

  /// The connection `id` joins `room` (C26); done when the room knows. Joining
  /// twice is once, and a membership ends with its connection (C30). Errors:
  /// errc::no_such_name, errc::reserved_name, errc::too_many_rooms,
  /// errc::already_disconnected.
  query<void> join(std::string room, std::string id);

  /// The connection `id` leaves `room` (C27): whether it was a member.
  query<bool> leave(std::string room, std::string id);

  /// The connection `id` leaves all its rooms (C28).
  query<void> leave_all(std::string id);

  /// Ends the connection `id` (C29): no error if there is none,
  /// errc::already_disconnected if it is on its way out.
  query<void> disconnect(std::string id, close_code code = close_code::normal,
                         std::string reason = {});

  /// What a listener's route leads to (C18).
  std::shared_ptr<net::endpoint> handler() const noexcept;

  /// Takes over a connection whose HTTP request the program's own Boost.Beast
  /// code has read (C19). Include troupe/beast.hpp, which defines this.
  ///
  /// Checks the request like a listener does. If it is refused the client gets
  /// an answer with the true status, the socket is closed, and `err()` of what
  /// is returned says why. Else the socket moves to one of the runtime's
  /// threads, where the handshake is answered. Callable on any thread; does not
  /// block.
  ///
  /// @param stream       the connection: plain TCP, without operations pending.
  /// @param req          what was read from it, without a body.
  /// @param bytes_beyond how many bytes were read after the request. A client
  ///                     has to wait for the answer: any are an error.
  template <class Stream, class Request>
  upgraded upgrade(Stream stream, const Request& req, size_t bytes_beyond = 0);

  /// Refuses connections from now on and ends all there are with close code
  /// 1001. Returns at once. Idempotent.
  void begin_stop();

  /// The same, and waits until their handlers have run and their clients have
  /// had all that was sent. After `close_timeout` and a second connections end
  /// as they are, `on_leave` and `on_disconnect` included; this still waits for
  /// handlers that have not returned, and the log says so. Not on a runtime
  /// thread: it logs an error there and does not wait.
  void stop();

private:
  upgraded take_over(int socket, std::string head, size_t bytes_beyond);

  class impl;
  std::shared_ptr<impl> impl_;
};

} // namespace troupe
