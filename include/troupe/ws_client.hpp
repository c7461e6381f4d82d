#pragma once

#include "troupe/emit_mixin.hpp"
#include "troupe/error.hpp"
#include "troupe/frame.hpp"
#include "troupe/handler.hpp"
#include "troupe/request_mixin.hpp"
#include "troupe/ws_client_options.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/expected.hpp>
#include <caf/timespan.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

namespace actors {

class client_actor;
class client_spawner;
struct client_core;

} // namespace actors

/// An event handler of a client: see handler.hpp.
using client_event_handler = basic_event_handler<ws_client>;

/// A handler of messages that are not events.
using client_message_handler = basic_message_handler<ws_client>;

/// A connection of this program to a WebSocket server, for bots, for bridges
/// between servers, and for tests. A client is an actor that connects again
/// when its connection is lost; a `ws_client` is a handle to it. Handles may be
/// copied, and used on any thread. Nothing blocks.
///
/// Callbacks are called by the actor, on the thread of its socket, one at a
/// time. They must not block. Exceptions from them are passed to `on_error`.
/// The client is not read while a callback runs.
///
/// A client ends by `close`, with the actor in `ws_client_options::owner`, when
/// its actor is ended by an exit message, or when the last handle is destroyed.
/// The handle that callbacks get does not keep the client open; a callback that
/// holds a handle of its own does, until `close`.
///
/// What one thread calls takes effect in this order.
/// @see docs/guide/clients.md
class ws_client : public emit_mixin<ws_client>,
                  public request_mixin<ws_client, ws_client> {
public:
  /// Creates a client, which begins to connect.
  /// @param sys      has the scheduler of troupe (`runtime_config`), and must
  ///                 outlive the client.
  /// @param options  the server and how to reach it.
  /// @param setup    adds callbacks. Called once, before this function returns
  ///                 and before the client connects, so that no event is
  ///                 missed.
  /// @returns the client; errc::invalid_config if an option is invalid or the
  ///          file of authorities cannot be used, or errc::foreign_runtime.
  [[nodiscard]] static caf::expected<ws_client>
  connect(caf::actor_system& sys, ws_client_options options,
          const std::function<void(ws_client&)>& setup = {});

  /// Returns the actor, for monitors and links. It ends when the client is
  /// closed for good, with the reason that `to_down_reason` returns.
  const caf::actor& handle() const noexcept {
    return impl_;
  }

  /// Returns the state of a moment ago.
  client_state state() const noexcept;

  /// Returns the number of messages that wait to be sent.
  size_t queued() const noexcept;

  /// Returns the number of messages that were dropped: see `on_drop`.
  uint64_t dropped() const noexcept;

  // -- callbacks --------------------------------------------------------------

  /// Adds a handler for events and requests with the given name. Handlers of
  /// one event run in the order of registration. Events without a handler are
  /// ignored; requests are refused with `no_handler`.
  /// @param event  the name of the event.
  /// @param f      a callable as described in handler.hpp, with a `ws_client&`
  ///               in place of the connection. What it returns answers a
  ///               request of the server (version 2).
  template <class F>
  void on(std::string event, F f) {
    add_handler(std::move(event), make_event_handler<ws_client>(std::move(f)));
  }

  /// Adds a handler in the same way, which takes and returns the types of
  /// `event`: an `event_type` or a `request_type`.
  template <typed_name Name, class F>
  void on(Name event, F f) {
    add_handler(std::string{event.name().get()},
                make_event_handler<ws_client>(event, std::move(f)));
  }

  /// Adds a handler for messages that are not events.
  /// @param f  returns nothing and takes a `const frame&`, or its payload as
  ///           `std::string_view` or `std::string`; optionally preceded by a
  ///           `ws_client&`.
  template <class F>
  void on_message(F f) {
    add_message_handler(make_message_handler<ws_client>(std::move(f)));
  }

  /// Adds a callback that is called on each new connection, and at once if the
  /// client is connected. What it sends follows what waited for a connection.
  void on_connect(callback<ws_client&> f);

  /// Adds a callback that is called once when a connection is lost, regardless
  /// of how often connecting again fails, and for the final end.
  void on_disconnect(callback<ws_client&, const ws_client_end&> f);

  /// Adds a callback for each change of the state.
  void on_state(callback<ws_client&, client_state> f);

  /// Adds a callback for messages that are not sent: the queue is full, or the
  /// client is closed.
  void on_drop(callback<ws_client&, const dropped_message&> f);

  /// Adds a callback for errors that do not end the connection: malformed
  /// events, values that do not fit their handler, and exceptions from
  /// callbacks (errc::handler_failed). Without a callback they are logged.
  void on_error(callback<ws_client&, const caf::error&> f);

  // -- sending ----------------------------------------------------------------
  //
  // `emit` sends an event. Messages wait in a bounded queue while there is no
  // connection. Messages sent right before a connection is lost may be lost; to
  // be certain, have the server respond.

  /// Sends a text message that is not an event.
  /// @returns none, or errc::invalid_value if `text` is not UTF-8.
  [[nodiscard]] caf::error send_text(std::string_view text);

  /// Sends a binary message that is not an event.
  void send_binary(std::string_view bytes);

  /// Sends a message that is not an event.
  void send(const frame& message);

  /// Sends an event now, if there is a connection, and on each new connection
  /// before all other messages, until `forget`. For what a server has to know
  /// of its client, such as rooms to join. A later call for the same event
  /// replaces `data`.
  /// @returns as `emit`.
  template <class T>
  caf::error keep(event_literal event, const T& data) {
    return keep_wire(event.get(), to_wire(data));
  }

  /// Does the same for an event whose name is computed at run time.
  template <class T>
  [[nodiscard]] caf::error keep(dynamic_name event, const T& data) {
    return keep_wire(event.get(), to_wire(data));
  }

  /// Ends the effect of `keep` on new connections.
  void forget(std::string event);

  // -- requests (version 2) ---------------------------------------------------

  /// Asks the server. The time limit includes the time without a connection.
  /// The handler gets the value of the answer; or the refusal of the server, or
  /// one with the code `timeout`; `invalid` if the value of the answer has
  /// another type; `busy` if 1024 requests have no answer, or if too many
  /// messages wait; `too_big` if the server does not take messages of that
  /// size; `unavailable` with version 1 of the protocol; `gone` if the request
  /// was not sent before the client closed; or `unknown_outcome` if the
  /// connection ended before the answer, and the request may have been handled.
  /// If the client has ended already, the handler is called on the calling
  /// thread.
  using request_mixin::request;

  // -- beginning and end ------------------------------------------------------

  /// Closes the client for good: sends what waits if there is a connection,
  /// then performs the closing handshake. Without effect on a closed client.
  /// @param code    a code that RFC 6455 section 7.4 allows in a close frame;
  ///                any other one is sent as 1011.
  /// @param reason  UTF-8, cut to 123 bytes.
  void close(close_code code = close_code::normal,
             std::string_view reason = {});

  /// Connects at once, in place of the current connection or wait. Without
  /// effect on a closed client.
  void reconnect();

private:
  friend class client_room;
  friend class emit_mixin<ws_client>;
  friend class request_mixin<ws_client, ws_client>;
  friend class actors::client_actor;
  friend class actors::client_spawner;

  /// Creates a handle for callbacks, which does not keep the client open.
  ws_client(caf::actor impl, std::shared_ptr<actors::client_core> core)
    : impl_{std::move(impl)},
      core_{std::move(core)} {
  }

  caf::error emit_wire(std::string_view event, const wire_value& data);
  caf::error keep_wire(std::string_view event, const wire_value& data);
  caf::expected<frame> encode_event(std::string_view event,
                                    const wire_value& data) const;
  void send_wire(const frame& message);
  void ask_wire(std::string_view event, const wire_value& data,
                detail::reply_handler<ws_client> f, caf::timespan timeout);
  void ask_room(std::string_view room, std::string_view event,
                const wire_value& data, detail::reply_handler<ws_client> f,
                caf::timespan timeout);
  void add_handler(std::string event, client_event_handler f);
  void add_message_handler(client_message_handler f);

  /// Calls `f(client_actor&)` in the actor.
  template <class F>
  void run(F f);

  caf::actor impl_;
  std::shared_ptr<actors::client_core> core_;
  std::shared_ptr<const void> last_; ///< Closes the client; null in callbacks.
};

} // namespace troupe
