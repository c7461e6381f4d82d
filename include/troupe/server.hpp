#pragma once

#include "troupe/config.hpp"
#include "troupe/connection.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <cstdint>
#include <functional>
#include <memory>

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
};

/// One WebSocket endpoint: settings, callbacks, and a registry of its
/// connections and rooms. Constructing does no I/O (C16). Mount it on a
/// listener's route. Members are thread-safe unless they say otherwise.
class server {
public:
  /// @pre `sys` has `runtime_config`'s scheduler and outlives the server.
  explicit server(caf::actor_system& sys, config cfg = {});

  /// Calls `stop`. Not on a runtime thread.
  ~server();

  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Calls `f` for each new connection before any of its messages is read
  /// (C17). Several are called in order. Applies to connections to come.
  void on_connection(std::function<void(connection&)> f);

  const config& settings() const noexcept;

  /// The registry actor; messages.hpp tells what it understands.
  const caf::actor& registry() const noexcept;

  server_stats stats() const;

  /// What a listener's route leads to (C18).
  std::shared_ptr<net::endpoint> handler() const noexcept;

  /// Refuses connections from now on and ends all there are with close code
  /// 1001. Returns at once. Idempotent.
  void begin_stop();

  /// The same, and waits until their handlers have run and their clients have
  /// had all that was sent, at most for `close_timeout` and a second. Not on a
  /// runtime thread: it blocks.
  void stop();

private:
  class impl;
  std::shared_ptr<impl> impl_;
};

} // namespace troupe
