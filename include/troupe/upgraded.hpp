#pragma once

#include "troupe/codec.hpp"
#include "troupe/connection.hpp"

#include <caf/actor.hpp>
#include <caf/error.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

/// What `server::upgrade` returns (C19): the outside of a new connection, for
/// setting it up before its client's messages are read. The connection itself
/// is an actor and lives on its own: this may go at any time. For one thread at
/// a time, any thread; nothing blocks. The server must outlive it.
class upgraded {
public:
  /// @private
  explicit upgraded(caf::error why);

  /// @private
  upgraded(caf::actor connection, const config& settings);

  upgraded(upgraded&& other) noexcept;
  upgraded& operator=(upgraded&&) = delete;

  /// Calls `wait`: a connection that is never read would be of no use.
  ~upgraded();

  /// Why there is no connection, none if there is one: errc::handshake_refused
  /// with the status and words that the client was sent, errc::connection_lost,
  /// errc::invalid_config, errc::foreign_runtime. All else here does nothing
  /// then.
  const caf::error& err() const noexcept {
    return err_;
  }

  /// The connection as an actor; null if there is none.
  const caf::actor& handle() const noexcept {
    return connection_;
  }

  /// Calls `f` inside the connection: on its thread, after the callbacks of
  /// `server::on_connection`, in the order of these calls. If the connection
  /// ends before, `f` is not called.
  void with(std::function<void(connection&)> f);

  /// The same as `connection::on`.
  template <class F>
  void on(std::string event, F f) {
    with([event = std::move(event), f = std::move(f)](connection& c) {
      c.on(event, f);
    });
  }

  /// Sends an event to the client, before any of its messages is read if called
  /// before `wait`.
  /// @returns none, or errc::invalid_event_name, errc::invalid_value.
  caf::error emit(std::string_view event) {
    return emit_wire(event, to_wire());
  }

  template <class T>
  caf::error emit(std::string_view event, const T& data) {
    return emit_wire(event, to_wire(data));
  }

  /// Lets the client's messages be read (C51), and returns at once: they are
  /// handled on the connection's thread. Idempotent.
  void wait();

private:
  caf::error emit_wire(std::string_view event, const wire_value& data);

  caf::error err_;
  caf::actor connection_;
  const config* settings_ = nullptr;
  bool waits_ = true; ///< Nobody has called `wait`.
};

} // namespace troupe
