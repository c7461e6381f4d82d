/// @file
///
/// `troupe::connection`, the public interface of a connection actor for its
/// handlers.

#include "troupe/connection.hpp"

#include "actors/connection_actor.hpp"
#include "actors/publish_target.hpp"
#include "base/close_frame.hpp"

namespace troupe {

using actors::misuse_error;

const std::string& connection::id() const noexcept {
  return impl_->client_id();
}

troupe::server& connection::server() const noexcept {
  return *impl_->server();
}

const troupe::request& connection::request() const noexcept {
  return impl_->req();
}

const std::string& connection::subprotocol() const noexcept {
  static const std::string none;
  return may_use(*impl_) ? impl_->subprotocol() : none;
}

const caf::error& connection::err() const noexcept {
  return impl_->err();
}

troupe::values& connection::values() const noexcept {
  if (may_use(*impl_))
    return impl_->values();
  thread_local troupe::values nobodys;
  return nobodys = {};
}

caf::actor connection::handle() const {
  return caf::actor_cast<caf::actor>(impl_);
}

caf::event_based_actor& connection::self() noexcept {
  may_use(*impl_); // Reports a misuse; there is no other actor to return.
  return *impl_;
}

void connection::on_error(callback<connection&, const caf::error&> f) {
  if (may_use(*impl_))
    impl_->handlers().error.add(std::move(f));
}

void connection::fire_on_error(const caf::error& what) {
  if (may_use(*impl_))
    impl_->tell_error(what);
}

void connection::fire_on_error(std::string text) {
  if (may_use(*impl_))
    impl_->tell_error(make_error(errc::application_error, std::move(text)));
}

void connection::on_disconnect(callback<connection&, const close_info&> f) {
  if (may_use(*impl_))
    impl_->handlers().disconnect.add(std::move(f));
}

void connection::on_leave(callback<connection&, const std::string&> f) {
  if (may_use(*impl_))
    impl_->handlers().leave.add(std::move(f));
}

void connection::on_ping(callback<connection&, std::string_view> f) {
  if (may_use(*impl_))
    impl_->handlers().ping.add(std::move(f));
}

void connection::on_pong(callback<connection&, std::string_view> f) {
  if (may_use(*impl_))
    impl_->handlers().pong.add(std::move(f));
}

connection_emitter connection::to(recipient whom) {
  return {*impl_, std::move(whom)};
}

connection_emitter connection::to_room(std::string_view name) {
  return {*impl_, recipient::room(name)};
}

connection_emitter connection::to_connection(std::string_view id) {
  return {*impl_, recipient::connection(id)};
}

caf::error connection::emit_wire(std::string_view event,
                                 const wire_value& data) {
  if (!may_use(*impl_))
    return misuse_error();
  auto message = encode_event(*impl_, event, data);
  if (!message)
    return message.error();
  impl_->actions().emit_to_self(std::move(*message));
  return {};
}

void connection::ask_wire(std::string_view event, const wire_value& data,
                          detail::reply_handler<connection> f,
                          caf::timespan timeout) {
  if (!may_use(*impl_))
    return;
  auto settle = [this,
                 f = std::move(f)](const actors::open_requests::result& x) {
    impl_->call([&](connection& c) { f(c, x); });
  };
  auto* dialogue = impl_->dialogue();
  auto checked = to_outcome(data);
  if (dialogue == nullptr)
    return settle(refuse("no_handler", "the client speaks version 1"));
  if (!is_plain_event_name(event) || !is_utf8(event))
    return settle(refuse("invalid", "not the name of an event"));
  if (auto* why = std::get_if<refusal>(&checked))
    return settle(*why);
  dialogue->ask(event, data, std::move(settle), timeout);
}

void connection::emit_message(std::string_view bytes) {
  if (may_use(*impl_))
    impl_->actions().emit_to_self(raw_frame(*impl_, bytes));
}

caf::error connection::send_text(std::string_view text) {
  if (!may_use(*impl_))
    return misuse_error();
  auto message = text_message(*impl_, text);
  if (!message)
    return message.error();
  impl_->actions().emit_to_self(std::move(*message));
  return {};
}

void connection::send_binary(std::string_view bytes) {
  if (may_use(*impl_))
    impl_->actions().emit_to_self(frame::binary(bytes));
}

void connection::send(const frame& message) {
  if (may_use(*impl_))
    impl_->actions().emit_to_self(
      actors::as_configured(impl_->settings(), message));
}

caf::error connection::write(opcode what, std::string_view payload) {
  if (!may_use(*impl_))
    return misuse_error();
  switch (what) {
    case opcode::text: {
      auto message = frame::automatic(payload);
      if (message.is_binary())
        return make_error(errc::invalid_value, "text that is not UTF-8");
      return impl_->actions().send_to_self(std::move(message));
    }
    case opcode::binary:
      return impl_->actions().send_to_self(frame::binary(payload));
    case opcode::close:
      return write_close(payload);
    case opcode::ping:
    case opcode::pong:
      if (payload.size() > max_control_payload)
        return make_error(errc::message_too_big,
                          "the payload of a ping or pong");
      return impl_->actions().send_to_self(control_frame(what, payload));
  }
  return make_error(errc::invalid_value, "unknown opcode");
}

/// The payload is empty, or a code and a reason (RFC 6455 section 5.5.1).
caf::error connection::write_close(std::string_view payload) {
  if (payload.size() > max_control_payload)
    return make_error(errc::message_too_big, "the payload of a close frame");
  auto words = base::parse_close(payload);
  if (!words)
    return make_error(errc::invalid_value,
                      "a close frame must not carry this code or reason");
  return disconnect(words->code, words->reason);
}

caf::error connection::join_room(std::string_view room) {
  return may_use(*impl_) ? impl_->actions().join(std::string{room})
                         : misuse_error();
}

bool connection::leave(const std::string& room) {
  return may_use(*impl_) && impl_->actions().leave(room);
}

void connection::leave_all() {
  if (may_use(*impl_))
    impl_->actions().leave_all();
}

bool connection::is_joined(const std::string& room) const {
  return may_use(*impl_) && impl_->actions().is_member(room);
}

std::vector<std::string> connection::rooms() const {
  return may_use(*impl_) ? impl_->actions().room_names()
                         : std::vector<std::string>{};
}

caf::error connection::disconnect(close_code code, std::string_view reason) {
  if (!may_use(*impl_))
    return misuse_error();
  return impl_->actions().disconnect(code, reason);
}

void connection::add_handler(std::string event, event_handler f) {
  if (may_use(*impl_))
    impl_->handlers().events.add({std::move(event), std::move(f)});
}

void connection::add_message_handler(message_handler f) {
  if (may_use(*impl_))
    impl_->handlers().message.add(std::move(f));
}

void connection::add_actor_handler(
  std::function<bool(connection&, const caf::message&)> f) {
  if (may_use(*impl_))
    impl_->handlers().actor.add(std::move(f));
}

} // namespace troupe
