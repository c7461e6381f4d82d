#pragma once

#include "troupe/emitter.hpp"
#include "troupe/error.hpp"
#include "troupe/handler.hpp"
#include "troupe/request.hpp"
#include "troupe/values.hpp"

#include <caf/actor.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/message.hpp>

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

/// One client, as its handlers see it. The connection is an actor; this is its
/// inside, valid in callbacks of this connection and nowhere else: used on
/// another thread, or after the callback as long as a handle keeps the actor, a
/// member does nothing and says errc::outside_callback (to the log if it
/// returns no error); a debug build aborts. Callbacks of one connection never
/// overlap (C33), run on its thread and must not block: a blocked thread blocks
/// all its connections, so move such work to a `caf::detached` actor. To
/// address a connection from elsewhere keep `handle()`, any actor's address,
/// and send what `messages.hpp` lists.
///
/// All members may be called from within any callback, on_leave and
/// on_disconnect included (C40); after the end of the connection what is sent
/// to its own client is dropped.
class connection {
public:
  explicit connection(actors::connection_actor& impl) : impl_(&impl) {
  }

  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  // -- properties -------------------------------------------------------------

  /// Unique among the live connections of its server.
  const std::string& id() const noexcept;

  /// The server that it belongs to (C32).
  troupe::server& server() const noexcept;

  /// The HTTP request that opened the connection: its head, route and remote
  /// address (C32).
  const troupe::request& request() const noexcept;

  /// What was agreed in the handshake; empty for none (C14).
  const std::string& subprotocol() const noexcept;

  /// Why the connection ended: none as long as it lives and after a normal end
  /// (C32).
  const caf::error& err() const noexcept;

  /// The connection as an actor: address, monitor, message it.
  caf::actor handle() const;

  /// The actor behind this connection, to send messages in its name
  /// (`c.self().send(who, ...)`), to schedule them, or to ask other actors:
  /// what `c.self().request(...)` calls later is a callback of this connection.
  caf::event_based_actor& self() noexcept;

  // -- callbacks --------------------------------------------------------------

  /// Calls `f` for each event of this name; see handler.hpp for what `f` may
  /// take. Several handlers of one event run in the order of registration.
  template <class F>
  void on(std::string event, F f) {
    add_handler(std::move(event), make_event_handler(std::move(f)));
  }

  /// Calls `f` for each message that is no event (C36). `f` takes a `const
  /// frame&`, or its payload as `std::string_view`; before it, optionally, a
  /// `connection&`.
  template <class F>
  void on_message(F f) {
    if constexpr (std::is_invocable_v<F&, connection&, const frame&>)
      add_message_handler(std::move(f));
    else if constexpr (std::is_invocable_v<F&, const frame&>)
      add_message_handler([f = std::move(f)](connection&, const frame& x) //
                          mutable { f(x); });
    else if constexpr (std::is_invocable_v<F&, connection&, std::string_view>)
      add_message_handler([f = std::move(f)](connection& c, const frame& x) //
                          mutable { f(c, x.payload()); });
    else
      add_message_handler([f = std::move(f)](connection&, const frame& x) //
                          mutable { f(x.payload()); });
  }

  /// Calls `f` for every actor message of type `T` sent to `handle()`, so that
  /// other actors can talk to this connection's behaviour in its own terms.
  /// (Not the types of messages.hpp: those work by themselves.) `f` takes a
  /// `connection&` and a `const T&`.
  template <class T, class F>
  void on_actor_message(F f) {
    add_actor_handler(
      [f = std::move(f)](connection& c, const caf::message& x) mutable {
        if (!x.template match_elements<T>())
          return false;
        f(c, x.template get_as<T>(0));
        return true;
      });
  }

  /// Calls `f` for what goes wrong on this connection (C37): undecodable
  /// events, unfit payloads, throwing handlers, time-outs, broken protocol. Not
  /// for a normal end.
  void on_error(std::function<void(connection&, const caf::error&)> f);

  /// Calls the handlers of `on_error` with `what` (C37).
  void fire_on_error(const caf::error& what);

  /// The same with errc::application_error and a text.
  void fire_on_error(std::string text);

  /// Calls `f` once, when the connection is over (C39).
  void on_disconnect(std::function<void(connection&, const close_info&)> f);

  /// Calls `f` right before this connection leaves a room (C40).
  void on_leave(std::function<void(connection&, const std::string& room)> f);

  /// Calls `f` for each ping, or pong, that the client sends from now on (C38).
  /// Wanted ones count as messages for `config::inbound_credit`.
  void on_ping(std::function<void(connection&, std::string_view payload)> f);
  void on_pong(std::function<void(connection&, std::string_view payload)> f);

  // -- sending ----------------------------------------------------------------

  /// To `all`, to `broadcast`, to the connection with this id if there is one,
  /// else to the room of this name (C41), or to any other recipient.
  connection_emitter to(recipient whom);

  connection_emitter to_room(std::string_view name);
  connection_emitter to_connection(std::string_view id);

  /// Sends an event to this connection's client (C42).
  caf::error emit(std::string_view event);

  template <class T>
  caf::error emit(std::string_view event, const T& data) {
    return emit_wire(event, to_wire(data));
  }

  /// Sends a text message that is not an event to this connection's client.
  /// @returns none, or errc::invalid_value if `text` is not UTF-8.
  caf::error send_text(std::string_view text);

  /// Sends a binary message to this connection's client.
  void send_binary(std::string_view bytes);

  /// Sends a message as it is, without a copy, to this connection's client.
  void send(const frame& message);

  /// The contract's names (C42): text if `bytes` are UTF-8, else binary; and
  /// the same as `send`.
  void emit_message(std::string_view bytes);
  void emit_message(const frame& message) {
    send(message);
  }

  /// Sends one raw frame (C46), after all that was sent before. A close ends
  /// the connection like `disconnect`; its payload is a code and a reason, or
  /// nothing.
  /// @returns none, or errc::already_disconnected, errc::too_much_output,
  ///          errc::message_too_big for a control frame of more than 125 bytes,
  ///          errc::invalid_value for text that is no UTF-8 or half a close
  ///          code.
  caf::error write(opcode what, std::string_view payload);

  // -- rooms ------------------------------------------------------------------

  /// Becomes a member of `room`, which comes into being if it has none (C43).
  /// Joining twice is once. What this connection sends to the room afterwards
  /// finds it a member.
  /// @returns none, or errc::reserved_name, errc::too_many_rooms,
  ///          errc::too_much_output, errc::already_disconnected.
  caf::error join(const std::string& room);

  /// @returns whether it was a member.
  bool leave(const std::string& room);

  bool is_joined(const std::string& room) const;

  std::vector<std::string> rooms() const;

  /// Leaves all rooms.
  void leave_all();

  // -- values (C47) -----------------------------------------------------------

  /// Notes a value about this connection, in place of what was there.
  template <class T>
  void set_value(std::string key, T&& x) {
    values().set(std::move(key), std::forward<T>(x));
  }

  /// The value; null if there is none or it is no `T`. Good until it is set
  /// again. Text is a `std::string`.
  template <class T>
  const T* value(std::string_view key) const {
    return values().get<T>(key);
  }

  /// The text; empty if there is none.
  std::string value_string(std::string_view key) const {
    return values().get_string(key);
  }

  /// The integer, or the one that a text is in decimal; else 0.
  int64_t value_int(std::string_view key) const {
    return values().get_int(key);
  }

  /// The list of texts; empty if there is none.
  std::vector<std::string> value_strings(std::string_view key) const {
    return values().get_strings(key);
  }

  // -- the end ----------------------------------------------------------------

  /// Begins the closing handshake after all that was sent (C45).
  /// @returns none, or errc::already_disconnected on the second call.
  caf::error disconnect(close_code code = close_code::normal,
                        std::string_view reason = {});

private:
  troupe::values& values() const noexcept;
  caf::error emit_wire(std::string_view event, const wire_value& data);
  caf::error write_close(std::string_view payload);
  void add_handler(std::string event, event_handler f);
  void add_message_handler(std::function<void(connection&, const frame&)> f);
  void
  add_actor_handler(std::function<bool(connection&, const caf::message&)> f);

  actors::connection_actor* impl_;
};

} // namespace troupe
