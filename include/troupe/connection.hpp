#pragma once

#include "troupe/emitter.hpp"
#include "troupe/error.hpp"
#include "troupe/handler.hpp"
#include "troupe/reply_handler.hpp"
#include "troupe/request.hpp"
#include "troupe/values.hpp"

#include <caf/actor.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/message.hpp>
#include <caf/timespan.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace troupe {

namespace actors {

class connection_actor;

} // namespace actors

/// Represents one client inside of its handlers. A connection is an actor; this
/// class gives access to it from within, and is valid in the callbacks of this
/// connection only. Callbacks of one connection never overlap (C33). They run
/// on the thread of the connection and must not block, since a blocked thread
/// stalls all connections on it; blocking work belongs in a `caf::detached`
/// actor.
///
/// Other code addresses a connection by its `handle()` and the messages in
/// messages.hpp.
///
/// All members may be called from within any callback, including `on_leave` and
/// `on_disconnect` (C40). After the end of the connection, messages to its own
/// client are dropped. With `config::binary_messages`, text is sent in binary
/// frames, except by `write`.
///
/// A member other than a property that is called on another thread, or outside
/// of a callback while a handle keeps the actor alive, does nothing and returns
/// errc::outside_callback; members that do not return an error log it instead.
/// A debug build aborts the process.
class connection : public emit_mixin<connection> {
public:
  /// @private
  explicit connection(actors::connection_actor& impl) : impl_(&impl) {
  }

  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  // -- properties -------------------------------------------------------------

  /// Returns the id, which is unique among the live connections of the server.
  const std::string& id() const noexcept;

  /// Returns the server that the connection belongs to (C32).
  troupe::server& server() const noexcept;

  /// Returns the HTTP request that opened the connection: its head, route and
  /// remote address (C32).
  const troupe::request& request() const noexcept;

  /// Returns who the client is: the value that `config::authorize` accepted the
  /// handshake with, or `config::authenticate` the last hello.
  /// @returns null if there is none, or if it has another type than `T`. The
  ///          pointer is valid until the callback returns; a later hello
  ///          replaces the value.
  template <class T>
  const T* principal() const noexcept {
    return request().template principal<T>();
  }

  /// Returns the subprotocol selected in the handshake; empty for none (C14).
  const std::string& subprotocol() const noexcept;

  /// Returns why the connection ended (C32): none while it is open and after a
  /// normal end.
  const caf::error& err() const noexcept;

  /// Returns a handle to the connection, which any actor may send messages to,
  /// monitor or store.
  caf::actor handle() const;

  /// Returns the actor of this connection, for sending messages in its name
  /// (`c.self().send(who, ...)`), for scheduling messages, and for requests to
  /// other actors. Continuations of `c.self().request(...)` are callbacks of
  /// this connection.
  caf::event_based_actor& self() noexcept;

  // -- callbacks --------------------------------------------------------------

  /// Adds a handler for events with the given name (C33). Handlers of one event
  /// run in the order of registration.
  /// @param event  the name of the event.
  /// @param f      a callable as described in handler.hpp.
  template <class F>
  void on(std::string event, F f) {
    add_handler(std::move(event), make_event_handler(std::move(f)));
  }

  /// Adds a handler for messages that are not events (C36).
  /// @param f  returns nothing and takes a `const frame&`, or its payload as
  ///           `std::string_view` or `std::string`; optionally preceded by a
  ///           `connection&`.
  template <class F>
  void on_message(F f) {
    add_message_handler(make_message_handler(std::move(f)));
  }

  /// Adds a handler for actor messages of type `T` that are sent to `handle()`.
  /// Message types of messages.hpp are handled by troupe and do not reach `f`.
  /// @tparam T  the type of the only element of the message.
  /// @param f   returns nothing and takes a `connection&` and a `const T&`.
  template <class T, class F>
  void on_actor_message(F f) {
    constexpr auto fits = std::is_invocable_v<F&, connection&, const T&>;
    static_assert(fits,
                  "A handler of actor messages takes a connection& and a "
                  "const T&.");
    if constexpr (fits)
      add_actor_handler([f = callback<connection&, const T&>{std::move(f)}] //
                        (connection & c, const caf::message& x) {
                          if (!x.template match_elements<T>())
                            return false;
                          f(c, x.template get_as<T>(0));
                          return true;
                        });
  }

  /// Adds a handler for errors of this connection (C37): malformed events,
  /// payloads that do not fit a handler, exceptions from handlers, exceeded
  /// limits, time-outs, protocol violations, and an abnormal end of the
  /// connection. A normal end (1000, 1001 or no code) is not an error.
  void on_error(callback<connection&, const caf::error&> f);

  /// Calls the handlers of `on_error` with `what` (C37).
  void fire_on_error(const caf::error& what);

  /// Calls the handlers of `on_error` with errc::application_error and `text`.
  void fire_on_error(std::string text);

  /// Adds a handler that is called exactly once, at the end of the connection
  /// (C39).
  void on_disconnect(callback<connection&, const close_info&> f);

  /// Adds a handler that is called right before the connection leaves a room,
  /// also at its end (C40). The handler may emit to this room, join and leave.
  void on_leave(callback<connection&, const std::string&> f);

  /// Adds a handler for pings from the client (C38). While there is one, pings
  /// count as messages for `config::inbound_credit`.
  void on_ping(callback<connection&, std::string_view> f);

  /// Adds a handler for pongs from the client (C38). While there is one, pongs
  /// count as messages for `config::inbound_credit`.
  void on_pong(callback<connection&, std::string_view> f);

  // -- sending ----------------------------------------------------------------
  //
  // `emit` sends an event to the client of this connection (C42).

  /// Returns an emitter for `whom`: `all`, `broadcast`, a name, or any other
  /// recipient. A name stands for the connection with this id if there is one
  /// on any node, else for the room of this name (C41).
  connection_emitter to(recipient whom);

  /// Returns an emitter for the members of the room `name`.
  connection_emitter to_room(std::string_view name);

  /// Returns an emitter for the connection with the given id.
  connection_emitter to_connection(std::string_view id);

  /// Sends a text message that is not an event to the client of this
  /// connection.
  /// @returns none, errc::invalid_value if `text` is not UTF-8, or
  ///          errc::outside_callback.
  [[nodiscard]] caf::error send_text(std::string_view text);

  /// Sends a binary message to the client of this connection.
  void send_binary(std::string_view bytes);

  /// Sends `message` to the client of this connection. The payload is not
  /// copied, unless `config::binary_messages` turns text to binary.
  void send(const frame& message);

  /// Sends a message that is not an event to the client of this connection
  /// (C42): in a text frame if `bytes` are UTF-8, else in a binary frame.
  /// @note `send_text` and `send_binary` do not depend on the content.
  void emit_message(std::string_view bytes);

  /// Same as `send`.
  void emit_message(const frame& message) {
    send(message);
  }

  /// Sends one raw frame to the client of this connection, after everything
  /// sent before (C46). A close frame ends the connection like `disconnect`;
  /// its payload is empty, or a close code in network byte order and a reason
  /// (RFC 6455 section 5.5.1).
  /// @returns none; errc::already_disconnected, errc::too_much_output or
  ///          errc::outside_callback; errc::message_too_big for a control frame
  ///          of more than `max_control_payload` bytes; errc::invalid_value for
  ///          text that is not UTF-8, for a close code or reason that must not
  ///          be sent, or for an unknown opcode.
  [[nodiscard]] caf::error write(opcode what, std::string_view payload);

  // -- requests ---------------------------------------------------------------

  /// Sends a request to the client of this connection, which has to speak
  /// version 2 of the protocol, and calls `f` with its answer, as a callback of
  /// this connection. `f` is called exactly once: with a value; or with the
  /// refusal of the client, or one with the code `timeout`; `no_handler`
  /// without a handler, as for a client of version 1; `invalid` if the value of
  /// the answer is no `A`; `busy` if `config::max_requests` requests wait;
  /// `gone` if the connection is ending; or `unknown_outcome` if it ends before
  /// the answer.
  /// @tparam A       what a handler may take (see handler.hpp) and can be kept,
  ///                 or `void` for an answer without a value.
  /// @param event    the name of the event.
  /// @param data     the value of the request.
  /// @param f        takes a `reply<A>`, optionally preceded by a
  ///                 `connection&`, and returns nothing.
  /// @param timeout  after this time, the request has failed; its answer is
  ///                 ignored. More than 0, at most 365 days.
  template <class A = nlohmann::json, class Q, class F>
  void request(std::string_view event, const Q& data, F f,
               caf::timespan timeout = std::chrono::seconds{10}) {
    ask(event, to_wire(data), detail::make_reply_handler<A>(std::move(f)),
        timeout);
  }

  // -- rooms ------------------------------------------------------------------

  /// Joins `room`, and creates it if it does not exist (C43). Joining a room
  /// twice has no further effect. Messages that this connection sends to the
  /// room afterwards find it a member. A name computed at run time may be one
  /// that no room can have, so that the result must not be ignored.
  /// @returns none, or errc::reserved_name, errc::too_many_rooms,
  ///          errc::too_much_output, errc::already_disconnected or
  ///          errc::outside_callback.
  /// @note The errors about limits, errc::too_many_rooms and
  ///       errc::too_much_output, are also passed to `on_error`.
  /// @note The limit `config::max_rooms` is checked later, by the registry. If
  ///       the join exceeds it, the membership ends and `on_error` is called
  ///       with errc::too_many_rooms.
  [[nodiscard]] caf::error join(dynamic_name room) {
    return join_room(room.get());
  }

  /// Joins the room with the given literal name in the same way.
  caf::error join(room_literal room) {
    return join_room(room.get());
  }

  /// Leaves `room` after calling the handlers of `on_leave` (C43).
  /// @returns whether the connection was a member. Always false for the own id
  ///          (C42).
  bool leave(const std::string& room);

  /// Returns whether the connection is a member of `room` (C43). Always true
  /// for the own id (C42).
  bool is_joined(const std::string& room) const;

  /// Returns the names of all rooms that the connection is a member of, without
  /// the own id.
  std::vector<std::string> rooms() const;

  /// Leaves all rooms, each as `leave` does.
  void leave_all();

  // -- values (C47) -----------------------------------------------------------

  /// Stores `x` under `key`, and replaces an earlier value. Text is stored as
  /// `std::string`.
  template <class T>
  void set_value(std::string key, T&& x) {
    values().set(std::move(key), std::forward<T>(x));
  }

  /// Returns the value stored under `key`, or null if there is none of type
  /// `T`. The pointer is valid until the key is set again. Text has the type
  /// `std::string`.
  template <class T>
  const T* value(std::string_view key) const {
    return values().get<T>(key);
  }

  /// Returns the text stored under `key`; empty if there is none.
  std::string value_string(std::string_view key) const {
    return values().get_string(key);
  }

  /// Returns the integer stored under `key`, or the number that a text stored
  /// there represents in decimal; otherwise 0.
  /// @see values::get_int
  int64_t value_int(std::string_view key) const {
    return values().get_int(key);
  }

  /// Returns the list of strings stored under `key`; empty if there is none.
  std::vector<std::string> value_strings(std::string_view key) const {
    return values().get_strings(key);
  }

  // -- closing ----------------------------------------------------------------

  /// Starts the closing handshake after everything sent before (C45).
  /// @param code    a code that RFC 6455 section 7.4 allows in a close frame;
  ///                any other one is sent as 1011. `close_code::no_status`
  ///                sends a close frame without code.
  /// @param reason  UTF-8, cut to 123 bytes; text that is not UTF-8 is not
  ///                sent.
  /// @returns none; errc::already_disconnected if the connection is closing or
  ///          closed; or errc::outside_callback.
  caf::error disconnect(close_code code = close_code::normal,
                        std::string_view reason = {});

private:
  friend class emit_mixin<connection>;

  troupe::values& values() const noexcept;
  caf::error emit_wire(std::string_view event, const wire_value& data);
  void ask(std::string_view event, const wire_value& data,
           detail::reply_handler f, caf::timespan timeout);
  caf::error join_room(std::string_view room);
  caf::error write_close(std::string_view payload);
  void add_handler(std::string event, event_handler f);
  void add_message_handler(message_handler f);
  void
  add_actor_handler(std::function<bool(connection&, const caf::message&)> f);

  actors::connection_actor* impl_;
};

} // namespace troupe
