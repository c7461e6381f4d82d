#include "troupe/client_room.hpp"

#include "actors/client/client_actor.hpp"
#include "base/protocol2.hpp"

#include <caf/send.hpp>

namespace troupe {

using actors::client_actor;

namespace {

template <class F>
void run(const ws_client& client, F f) {
  caf::anon_send(client.handle(), actors::client_task{std::move(f)});
}

} // namespace

void client_room::join_wire(wire_value data) {
  run(owner_, [name = name_, data = std::move(data)](client_actor& x) {
    x.join(name, data);
  });
}

void client_room::leave() {
  run(owner_, [name = name_](client_actor& x) { x.leave(name); });
}

caf::error client_room::emit_wire(std::string_view event,
                                  const wire_value& data) {
  auto message = encode(event, data, "");
  if (!message)
    return std::move(message.error());
  auto wire = protocol2::translate(*message, "", protocol2::encode_room(name_));
  run(owner_, [wire](client_actor& x) { x.send_to_room(wire); });
  return {};
}

void client_room::add_handler(std::string event, client_event_handler f) {
  auto key = client_actor::key_of(event, name_);
  run(owner_, [key = std::move(key), f = std::move(f)](client_actor& x) {
    x.callbacks().events.add({key, f});
  });
}

void client_room::add_on_joined(client_event_handler f) {
  run(owner_, [name = name_, f = std::move(f)](client_actor& x) {
    x.callbacks().joined.add({name, f});
  });
}

void client_room::on_refused(callback<ws_client&, const refusal&> f) {
  run(owner_, [name = name_, f = std::move(f)](client_actor& x) {
    x.callbacks().refused.add({name, f});
  });
}

void client_room::on_change(callback<ws_client&, const std::string&> f) {
  run(owner_, [name = name_, f = std::move(f)](client_actor& x) {
    x.callbacks().change.add({name, f});
  });
}

} // namespace troupe
