#include "actors/connection_actions.hpp"

#include "actors/connection_messages.hpp"
#include "base/reserved_names.hpp"

#include <utility>

namespace troupe::actors {

// -- sending ------------------------------------------------------------------

void connection_actions::emit_to_self(frame message) {
  if (sequencer_.leads_to_self() || may_send(message.payload().size()))
    sequencer_.to_self(std::move(message));
}

void connection_actions::send_to(const recipient& to, frame&& message) {
  using kind = recipient::kind;
  auto may_be_id = to.what == kind::any || to.what == kind::connection;
  if (may_be_id && to.name == owner_.client_id()) {
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
    sequencer_.send(way->room, *way->direct,
                    msg::publish{{kind::room, {}, to.skip_sender},
                                 std::move(message)});
  else
    sequencer_.send(msg::publish{to, std::move(message)});
}

caf::error connection_actions::send_to_self(outbound_sequencer::own_item what) {
  if (is_ending_)
    return make_error(errc::already_disconnected, owner_.client_id());
  if (!sequencer_.leads_to_self()) {
    auto* message = std::get_if<frame>(&what);
    if (!may_send(message != nullptr ? message->payload().size() : 0))
      return make_error(errc::too_much_output, owner_.client_id());
  }
  sequencer_.to_self(std::move(what));
  return {};
}

/// Returns whether the current callback may send `bytes` more, and counts them.
bool connection_actions::may_send(size_t bytes) {
  if (budget_.spend(bytes + outbound_sequencer::overhead,
                    owner_.core().settings.max_output_bytes))
    return true;
  refuse_output();
  return false;
}

void connection_actions::refuse_output() {
  add_one(owner_.core().stats.output_dropped);
  if (!budget_.note_refusal()) // on_error may send, too.
    return;
  owner_.fail(make_error(errc::too_much_output));
  if (owner_.core().settings.on_overflow == overflow::disconnect)
    disconnect(close_code::try_again_later, "too much output");
}

caf::error connection_actions::disconnect(close_code code,
                                          std::string_view reason,
                                          caf::error cause) {
  if (is_ending_)
    return make_error(errc::already_disconnected, owner_.client_id());
  is_ending_ = true;
  // A message, since the end calls handlers and this may be called by one. It
  // arrives before the `inbound_end` of the socket, which has no cause.
  owner_.send(&owner_,
              hang_up{{code, std::string{reason}, false, std::move(cause)}});
  sequencer_.to_self(msg::disconnect{code, std::string{reason}});
  return {};
}

// -- rooms --------------------------------------------------------------------

caf::error connection_actions::join(const std::string& room) {
  if (is_ending_)
    return make_error(errc::already_disconnected, owner_.client_id());
  if (is_member(room))
    return {};
  if (base::is_reserved_room(room))
    return make_error(errc::reserved_name, room);
  if (rooms_.size() >= owner_.core().settings.max_rooms_per_connection)
    return refuse_room(room);
  if (!may_send(room.size()))
    return make_error(errc::too_much_output, room);
  rooms_.join(room);
  sequencer_.send(msg::join{room, caf::actor_cast<caf::actor>(&owner_)});
  return {};
}

caf::error connection_actions::refuse_room(const std::string& room) {
  add_one(owner_.core().stats.joins_refused);
  auto err = make_error(errc::too_many_rooms, room);
  // on_error may join another room.
  if (!std::exchange(is_refusing_room_, true)) {
    owner_.fail(err);
    is_refusing_room_ = false;
  }
  return err;
}

bool connection_actions::leave(const std::string& room) {
  auto way = rooms_.leave(room,
                          [&] { owner_.call(owner_.handlers().leave, room); });
  if (!way)
    return false;
  msg::leave msg{room, caf::actor_cast<caf::actor>(&owner_)};
  if (way->room)
    sequencer_.send(way->room, *way->direct, std::move(msg));
  else
    sequencer_.send(std::move(msg));
  return true;
}

void connection_actions::leave_all() {
  for (const auto& room : room_names())
    leave(room);
}

void connection_actions::on_joined(const msg::joined& msg) {
  rooms_.on_joined(msg.room, msg.handle);
  on_confirmed({msg.ticket, msg.ticket});
}

void connection_actions::on_join_refused(const msg::join_refused& msg) {
  rooms_.on_refused(msg.room);
  owner_.fail(msg.reason);
  refusal_ = msg.reason; // `answer_join` reads it when this is confirmed.
  on_confirmed({msg.ticket, msg.ticket});
  refusal_ = {};
}

void connection_actions::on_room_down(const std::string& name,
                                      const caf::strong_actor_ptr& from) {
  rooms_.on_down(name, from,
                 [&] { owner_.call(owner_.handlers().leave, name); });
}

void connection_actions::let_go_of_rooms() {
  rooms_.release(
    [this](const std::string& name, const room_memberships::route& way) {
      if (way.room)
        way.direct->let_go(owner_.id());
      else if (!owner_.is_unreachable())
        owner_.send(owner_.core().registry,
                    msg::leave{name, caf::actor_cast<caf::actor>(&owner_)});
    });
}

// -- responses ----------------------------------------------------------------

void connection_actions::answer(caf::message with) {
  if (!owner_.is_asked())
    return;
  sequencer_.then([promise = owner_.make_response_promise(),
                   with = std::move(with)](const caf::error& why) mutable {
    if (why)
      promise.deliver(why);
    else
      promise.deliver(with);
  });
}

void connection_actions::answer_join(const std::string& room) {
  if (!owner_.is_asked()) {
    join(room);
    return;
  }
  join_then(room, [this, room, promise = owner_.make_response_promise()](
                    const caf::error& why) mutable {
    if (why)
      promise.deliver(why);
    else if (!is_member(room))
      promise.deliver(make_error(errc::reserved_name, room));
    else
      promise.deliver(caf::message{});
  });
}

void connection_actions::join_then(const std::string& room,
                                   outbound_sequencer::callback f) {
  sequencer_.then([this, room, refused = join(room),
                   f = std::move(f)](const caf::error& why) {
    if (why || refused)
      f(why ? why : refused);
    else
      f(is_member(room) ? caf::error{} : refusal_);
  });
}

} // namespace troupe::actors
