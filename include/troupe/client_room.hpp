#pragma once

#include "troupe/emit_mixin.hpp"
#include "troupe/ws_client.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace troupe {

/// A room of a server as one of its clients sees it (version 2 of the
/// protocol). A handle, as `ws_client` is, which keeps the client open in the
/// same way; all handles to one room of a client act on the same membership.
///
/// `emit` publishes an event to the other members, if the server lets clients
/// do that. Otherwise the server refuses it: see `ws_client::on_error`.
class client_room : public emit_mixin<client_room>,
                    public request_mixin<client_room, ws_client> {
public:
  /// Creates a handle to the room `name`; does not join it. With version 1 of
  /// the protocol, the room has no effect, and its requests fail.
  client_room(ws_client owner, std::string name)
    : owner_{std::move(owner)},
      name_{std::move(name)} {
  }

  const std::string& name() const noexcept {
    return name_;
  }

  /// Joins the room, now and on each new connection, until `leave`, until the
  /// server removes the client, or until it refuses a join without naming a
  /// time for another attempt.
  void join() {
    join_wire(to_wire());
  }

  /// Joins the room with `data` for the server.
  template <class T>
  void join(const T& data) {
    join_wire(to_wire(data));
  }

  /// Leaves the room, or gives up joining it.
  void leave();

  /// Adds a handler for events of this room. They may arrive as long as the
  /// client is a member, and shortly after it has left.
  /// @param event  the name of the event.
  /// @param f      as for `ws_client::on`.
  template <class F>
  void on(std::string event, F f) {
    add_handler(std::move(event), make_event_handler<ws_client>(std::move(f)));
  }

  /// Adds a handler in the same way, which takes the type of `event`.
  template <typed_name Name, class F>
  void on(Name event, F f) {
    add_handler(std::string{event.name().get()},
                make_event_handler<ws_client>(event, std::move(f)));
  }

  /// Adds a handler that is called each time a join is accepted, hence on each
  /// new connection, with the answer of the server as its value.
  /// @param f  as for `ws_client::on`.
  template <class F>
  void on_joined(F f) {
    add_on_joined(make_event_handler<ws_client>(std::move(f)));
  }

  /// Adds a callback for joins that the server refuses.
  void on_refused(callback<ws_client&, const refusal&> f);

  /// Adds a callback for changes that the client did not ask for, with the word
  /// of the server: `joined`, `left` or `refused`.
  void on_change(callback<ws_client&, const std::string&> f);

  /// Asks the logic of the room.
  /// @see ws_client::request
  using request_mixin::request;

private:
  friend class emit_mixin<client_room>;
  friend class request_mixin<client_room, ws_client>;

  void join_wire(wire_value data);
  caf::error emit_wire(std::string_view event, const wire_value& data);

  void ask_wire(std::string_view event, const wire_value& data,
                detail::reply_handler<ws_client> f, caf::timespan timeout) {
    owner_.ask_room(name_, event, data, std::move(f), timeout);
  }

  void add_handler(std::string event, client_event_handler f);
  void add_on_joined(client_event_handler f);

  ws_client owner_;
  std::string name_;
};

} // namespace troupe
