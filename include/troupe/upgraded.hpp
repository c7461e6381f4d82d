#pragma once

#include "troupe/connection.hpp"
#include "troupe/emit_mixin.hpp"

#include <caf/actor.hpp>
#include <caf/error.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

/// Result of `server::upgrade` (C19): gives access to a new connection from
/// outside, to set it up before messages of the client are read. The connection
/// is an actor and exists independently of this object, which may be destroyed
/// at any time.
///
/// What is emitted before `wait` reaches the client before any of its messages
/// is read.
///
/// May be used on any thread, but on one at a time. Members do not block. The
/// server must outlive the object.
class upgraded : public emit_mixin<upgraded> {
public:
  /// @private
  explicit upgraded(caf::error why);

  /// @private
  upgraded(caf::actor connection, const config& settings);

  /// Moves `other`, which must not be used afterwards.
  upgraded(upgraded&& other) noexcept;
  upgraded& operator=(upgraded&&) = delete;

  /// Calls `wait`, so that the connection is read.
  ~upgraded();

  /// Returns why there is no connection; none if there is one. In the former
  /// case all other members have no effect.
  /// @returns none; errc::handshake_refused with the status and the text sent
  ///          to the client; errc::connection_lost, errc::invalid_config or
  ///          errc::foreign_runtime.
  const caf::error& err() const noexcept {
    return err_;
  }

  /// Returns a handle to the connection; null if there is none.
  const caf::actor& handle() const noexcept {
    return connection_;
  }

  /// Calls `f` as a callback of the connection, after the callbacks of
  /// `server::on_connection`. Functions are called in the order of the calls to
  /// `with`. If the connection ends earlier, `f` is not called.
  void with(callback<connection&> f);

  /// Adds a handler for events with the given name.
  /// @see connection::on
  template <class F>
  void on(std::string event, F f) {
    with([event = std::move(event), f = std::move(f)](connection& c) {
      c.on(event, f);
    });
  }

  /// Starts reading messages of the client, which are handled on the thread of
  /// the connection (C51). Returns immediately. Idempotent.
  void wait();

private:
  friend class emit_mixin<upgraded>;
  friend class server;

  /// Calls `f` as `with` does. If it throws, the connection ends.
  void set_up(callback<connection&> f);

  caf::error emit_wire(std::string_view event, const wire_value& data);

  caf::error err_;
  caf::actor connection_;
  const config* settings_ = nullptr;
  bool waits_ = true; ///< `wait` was not called yet.
};

} // namespace troupe
