/// What a connection does for its handlers, and for actors that ask it to.

#include "actors/connection_actor.hpp"

#include "base/reserved_names.hpp"

#include <utility>

namespace troupe::actors {

// -- sending ------------------------------------------------------------------

void connection_actor::emit_to_self(frame message) {
  if (outbox_.leads_to_self() || may_send(message.payload().size()))
    outbox_.to_self(std::move(message));
}

void connection_actor::send_to(const recipient& to, frame message) {
  using kind = recipient::kind;
  auto may_be_id = to.what == kind::any || to.what == kind::connection;
  if (may_be_id && to.name == client_id()) {
    if (!to.skip_sender)
      emit_to_self(std::move(message));
    return;
  }
  if (!may_send(message.payload().size()))
    return;
  auto may_be_room = to.what == kind::any || to.what == kind::room;
  const auto* way = may_be_room ? rooms_.find_route(to.name) : nullptr;
  auto is_known = way != nullptr
                  && (to.what == kind::room || !way->direct->has_namesake());
  if (is_known)
    outbox_.send(way->room, *way->direct,
                 publish{{kind::room, {}, to.skip_sender}, std::move(message)});
  else
    outbox_.send(publish{to, std::move(message)});
}

caf::error connection_actor::send_to_self(outbound_sequencer::own_item what) {
  if (is_ending_)
    return make_error(errc::already_disconnected, client_id());
  if (!outbox_.leads_to_self()) {
    auto* message = std::get_if<frame>(&what);
    if (!may_send(message != nullptr ? message->payload().size() : 0))
      return make_error(errc::too_much_output, client_id());
  }
  outbox_.to_self(std::move(what));
  return {};
}

/// Whether the callback under way may send so much more.
bool connection_actor::may_send(size_t bytes) {
  if (budget_.spend(bytes + outbound_sequencer::overhead,
                    core().settings.max_output_bytes))
    return true;
  refuse_output();
  return false;
}

void connection_actor::refuse_output() {
  add_one(core().stats.output_dropped);
  if (!budget_.note_refusal()) // on_error may send something.
    return;
  fail(make_error(errc::too_much_output));
  if (core().settings.on_overflow == overflow::disconnect)
    disconnect_client(close_code::try_again_later, "too much output");
}

caf::error connection_actor::disconnect_client(close_code code,
                                               std::string_view reason,
                                               caf::error cause) {
  if (is_ending_)
    return make_error(errc::already_disconnected, client_id());
  is_ending_ = true;
  // The tear-down calls handlers, and we may be inside one. It comes before the
  // socket's end, which does not know the cause.
  send(this, hang_up{{code, std::string{reason}, false, std::move(cause)}});
  outbox_.to_self(disconnect{code, std::string{reason}});
  return {};
}

// -- rooms --------------------------------------------------------------------

caf::error connection_actor::join_room(const std::string& room) {
  if (is_ending_)
    return make_error(errc::already_disconnected, client_id());
  if (is_member(room))
    return {};
  if (is_reserved_room(room))
    return make_error(errc::reserved_name, room);
  if (rooms_.size() >= core().settings.max_rooms_per_connection)
    return refuse_room(room);
  if (!may_send(room.size()))
    return make_error(errc::too_much_output, room);
  rooms_.join(room);
  outbox_.send(troupe::join{room, caf::actor_cast<caf::actor>(this)});
  return {};
}

caf::error connection_actor::refuse_room(const std::string& room) {
  add_one(core().stats.joins_refused);
  auto err = make_error(errc::too_many_rooms, room);
  if (!std::exchange(refusing_, true)) { // on_error may try another one.
    fail(err);
    refusing_ = false;
  }
  return err;
}

bool connection_actor::leave_room(const std::string& room) {
  auto way = rooms_.leave(room, [&] { call(handlers().leave, room); });
  if (!way)
    return false;
  troupe::leave msg{room, caf::actor_cast<caf::actor>(this)};
  if (way->room)
    outbox_.send(way->room, *way->direct, std::move(msg));
  else
    outbox_.send(std::move(msg));
  return true;
}

void connection_actor::leave_rooms() {
  for (const auto& room : room_names())
    leave_room(room);
}

bool connection_actor::is_member(const std::string& room) const {
  return room == client_id() || rooms_.contains(room);
}

void connection_actor::on_joined(const joined& msg) {
  rooms_.on_joined(msg.room, msg.handle);
  on_confirmed({msg.ticket, msg.ticket});
}

void connection_actor::on_join_refused(const join_refused& msg) {
  rooms_.on_refused(msg.room);
  fail(msg.reason);
  refusal_ = msg.reason; // For who waits for the answer.
  on_confirmed({msg.ticket, msg.ticket});
  refusal_ = {};
}

void connection_actor::on_room_down(const std::string& name) {
  rooms_.on_down(name, current_sender(), [&] { call(handlers().leave, name); });
  read_on();
  quit_when_done();
}

// -- answering ----------------------------------------------------------------

/// Answers the request under way when all that it made us send has gone.
void connection_actor::answer(caf::message with) {
  if (!is_asked())
    return;
  outbox_.then([promise = make_response_promise(),
                with = std::move(with)](const caf::error& why) mutable {
    if (why)
      promise.deliver(why);
    else
      promise.deliver(with);
  });
}

void connection_actor::answer_join(const std::string& room) {
  if (auto err = join_room(room)) {
    answer(caf::make_message(std::move(err)));
    return;
  }
  if (!is_asked())
    return;
  outbox_.then([this, room, promise = make_response_promise()](
                 const caf::error& why) mutable {
    if (why)
      promise.deliver(why);
    else if (is_member(room))
      promise.deliver(caf::message{});
    else // The room, or another connection with that id, would not have us.
      promise.deliver(refusal_ ? refusal_
                               : make_error(errc::reserved_name, room));
  });
}

} // namespace troupe::actors
