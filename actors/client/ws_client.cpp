#include "troupe/ws_client.hpp"

#include "actors/client/client_actor.hpp"
#include "actors/client/client_core.hpp"
#include "base/protocol2.hpp"

#include <caf/send.hpp>

namespace troupe {

using actors::client_actor;
using actors::client_task;

const char* to_string(client_state x) noexcept {
  switch (x) {
    case client_state::connecting:
      return "connecting";
    case client_state::open:
      return "open";
    case client_state::waiting:
      return "waiting";
    case client_state::closing:
      return "closing";
    case client_state::closed:
      return "closed";
  }
  return "invalid";
}

client_state ws_client::state() const noexcept {
  return core_->state;
}

size_t ws_client::queued() const noexcept {
  return core_->queued;
}

uint64_t ws_client::dropped() const noexcept {
  return core_->dropped;
}

template <class F>
void ws_client::run(F f) {
  caf::anon_send(impl_, client_task{std::move(f)});
}

// -- callbacks ----------------------------------------------------------------

void ws_client::add_handler(std::string event, client_event_handler f) {
  run([event = std::move(event), f = std::move(f)](client_actor& x) {
    x.callbacks().events.add({event, f});
  });
}

void ws_client::add_message_handler(client_message_handler f) {
  run([f = std::move(f)](client_actor& x) { x.callbacks().message.add(f); });
}

void ws_client::on_connect(callback<ws_client&> f) {
  run([f = std::move(f)](client_actor& x) { x.add_on_connect(f); });
}

void ws_client::on_disconnect(callback<ws_client&, const ws_client_end&> f) {
  run([f = std::move(f)](client_actor& x) { x.callbacks().disconnect.add(f); });
}

void ws_client::on_state(callback<ws_client&, client_state> f) {
  run([f = std::move(f)](client_actor& x) { x.callbacks().state.add(f); });
}

void ws_client::on_drop(callback<ws_client&, const dropped_message&> f) {
  run([f = std::move(f)](client_actor& x) { x.callbacks().drop.add(f); });
}

void ws_client::on_error(callback<ws_client&, const caf::error&> f) {
  run([f = std::move(f)](client_actor& x) { x.callbacks().error.add(f); });
}

// -- sending ------------------------------------------------------------------

caf::expected<frame> ws_client::encode_event(std::string_view event,
                                             const wire_value& data) const {
  if (core_->options.protocol == 1)
    return encode(event, data, core_->options.event_prefix);
  auto result = encode(event, data, "");
  return result ? protocol2::translate(*result, "", "") : result;
}

caf::error ws_client::emit_wire(std::string_view event,
                                const wire_value& data) {
  auto message = encode_event(event, data);
  if (!message)
    return std::move(message.error());
  send_wire(*message);
  return {};
}

caf::error ws_client::keep_wire(std::string_view event,
                                const wire_value& data) {
  auto message = encode_event(event, data);
  if (!message)
    return std::move(message.error());
  run([event = std::string{event}, message = *message](client_actor& x) {
    x.keep(event, message);
  });
  return {};
}

void ws_client::forget(std::string event) {
  run([event = std::move(event)](client_actor& x) { x.forget(event); });
}

caf::error ws_client::send_text(std::string_view text) {
  if (!is_utf8(text))
    return make_error(errc::invalid_value, "the text is not UTF-8");
  send(frame::text(text));
  return {};
}

void ws_client::send_binary(std::string_view bytes) {
  send(frame::binary(bytes));
}

void ws_client::send(const frame& message) {
  send_wire(core_->options.protocol == 2
              ? protocol2::encode_raw(message.payload(), message.is_binary())
              : message);
}

void ws_client::send_wire(const frame& message) {
  run([message](client_actor& x) { x.send(message); });
}

// -- requests -----------------------------------------------------------------

void ws_client::ask_wire(std::string_view event, const wire_value& data,
                         detail::reply_handler<ws_client> f,
                         caf::timespan timeout) {
  ask_room({}, event, data, std::move(f), timeout);
}

void ws_client::ask_room(std::string_view room, std::string_view event,
                         const wire_value& data,
                         detail::reply_handler<ws_client> f,
                         caf::timespan timeout) {
  auto pass = [me = ws_client{impl_, core_}, f = std::move(f)] //
    (const detail::answer_view& x) mutable { f(me, x); };
  actors::client_question what{std::string{event}, data, timeout,
                               std::string{room}};
  // If the client has ended, nobody runs the task, and its end calls `f`.
  run([what = std::move(what), f = actors::request_callback{std::move(pass)}](
        client_actor& x) { x.ask(what, f); });
}

// -- beginning and end --------------------------------------------------------

void ws_client::close(close_code code, std::string_view reason) {
  run([code, reason = std::string{reason}](client_actor& x) {
    x.close(code, reason);
  });
}

void ws_client::reconnect() {
  run([](client_actor& x) { x.reconnect(); });
}

} // namespace troupe
