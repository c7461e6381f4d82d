#pragma once

#include "actors/presence.hpp"
#include "actors/room_rules.hpp"
#include "actors/service_table.hpp"
#include "troupe/config.hpp"
#include "troupe/fwd.hpp"
#include "troupe/server.hpp"

#include <caf/actor.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace troupe::actors {

/// Event counters since start. `server_stats` is a snapshot of them.
struct counters {
  std::atomic<uint64_t> connections_opened = 0;
  std::atomic<uint64_t> connections_closed = 0;
  std::atomic<uint64_t> messages_in = 0;
  std::atomic<uint64_t> unknown_events = 0;
  std::atomic<uint64_t> malformed_events = 0;
  std::atomic<uint64_t> unfit_values = 0;
  std::atomic<uint64_t> handler_failures = 0;
  std::atomic<uint64_t> slow_receivers = 0;
  std::atomic<uint64_t> messages_dropped = 0;
  std::atomic<uint64_t> backlog_dropped = 0;
  std::atomic<uint64_t> messages_conflated = 0;
  std::atomic<uint64_t> ids_refused = 0;
  std::atomic<uint64_t> ids_lost = 0;
  std::atomic<uint64_t> output_dropped = 0;
  std::atomic<uint64_t> joins_refused = 0;
  std::atomic<uint64_t> rooms_refused = 0;
  std::atomic<uint64_t> members_removed = 0;
  std::atomic<uint64_t> rates_exceeded = 0;
  std::atomic<uint64_t> rooms = 0; ///< Not an event: those that exist now.
};

/// Adds to a counter. Relaxed, since no other access is ordered by a counter.
inline void add(std::atomic<uint64_t>& x, uint64_t count) {
  x.fetch_add(count, std::memory_order_relaxed);
}

inline void add_one(std::atomic<uint64_t>& x) {
  add(x, 1);
}

/// State that all actors of one server share. Created before the first of them.
struct server_core {
  using connection_callback = callback<connection&>;
  using callback_list = std::vector<connection_callback>;

  /// Returns a snapshot of the callbacks, since users' threads may add
  /// callbacks while a connection calls them.
  std::shared_ptr<const callback_list> on_connection() const {
    std::lock_guard guard{mutex_};
    return on_connection_;
  }

  void add(connection_callback f) {
    std::lock_guard guard{mutex_};
    auto list = std::make_shared<callback_list>(*on_connection_);
    list->push_back(std::move(f));
    on_connection_ = std::move(list);
  }

  /// Returns whether `config::authenticate` is set; false after
  /// `release_callbacks`.
  bool authenticates() const {
    std::lock_guard guard{mutex_};
    return settings.authenticate != nullptr;
  }

  /// Returns the cluster actor, which knows actors by name; null if the server
  /// was not added to a cluster.
  caf::actor directory() const {
    std::lock_guard guard{mutex_};
    return directory_;
  }

  void set_directory(caf::actor x) {
    std::lock_guard guard{mutex_};
    directory_ = std::move(x);
  }

  /// Releases the functions of the program and the actors that they refer to:
  /// pending messages to a terminated connection keep this object alive. Call
  /// when nothing uses the server any more.
  void release_callbacks() {
    rooms.clear();
    services.clear();
    set_directory(nullptr);
    std::lock_guard guard{mutex_};
    settings.authorize = nullptr;
    settings.authenticate = nullptr;
    settings.check_origin = nullptr;
    settings.on_handshake_error = nullptr;
    settings.id_generator = nullptr;
    on_connection_ = std::make_shared<const callback_list>();
  }

  config settings;
  room_rules rooms;
  service_table services;
  server* owner = nullptr; ///< Outlives all connections.
  caf::actor registry;
  counters stats;
  std::atomic<size_t> announced = 0; ///< Bytes that wait in the publisher.
  presence present; ///< Connections that may call `owner`, and the registry.

private:
  mutable std::mutex mutex_;
  caf::actor directory_;
  std::shared_ptr<const callback_list> on_connection_
    = std::make_shared<callback_list>();
};

} // namespace troupe::actors
