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
  if (may_be_id && to.name == id_) {
    if (!to.skip_sender)
      emit_to_self(std::move(message));
    return;
  }
  if (!may_send(message.payload().size()))
    return;
  auto may_be_room = to.what == kind::any || to.what == kind::room;
  auto i = may_be_room ? rooms_.find(to.name) : rooms_.end();
  auto is_known = i != rooms_.end() && i->second.room
                  && (to.what == kind::room
                      || !i->second.direct->has_namesake());
  if (is_known)
    outbox_.send(i->second.room, *i->second.direct,
                 publish{{kind::room, {}, to.skip_sender}, std::move(message)});
  else
    outbox_.send(publish{to, std::move(message)});
}

caf::error connection_actor::send_to_self(outbound_sequencer::own_item what) {
  if (phase_ == phase::over || hanging_up_)
    return make_error(errc::already_disconnected, id_);
  if (!outbox_.leads_to_self()) {
    auto* message = std::get_if<frame>(&what);
    if (!may_send(message != nullptr ? message->payload().size() : 0))
      return make_error(errc::too_much_output, id_);
  }
  outbox_.to_self(std::move(what));
  return {};
}

/// A callback begins: what others have left counts, too.
void connection_actor::begin_output() {
  output_ = outbox_.waiting_bytes();
  output_refused_ = false;
}

/// Whether the callback under way may send so much more.
bool connection_actor::may_send(size_t bytes) {
  auto is_first = output_ == 0;
  output_ += bytes + outbound_sequencer::overhead;
  if (is_first || output_ <= core_->settings.max_output_bytes)
    return true;
  refuse_output();
  return false;
}

void connection_actor::refuse_output() {
  add_one(core_->stats.output_dropped);
  if (std::exchange(output_refused_, true)) // on_error may send something.
    return;
  fail(make_error(errc::too_much_output));
  if (core_->settings.on_overflow == overflow::disconnect)
    disconnect_client(close_code::try_again_later, "too much output");
}

caf::error connection_actor::disconnect_client(close_code code,
                                               std::string_view reason,
                                               caf::error cause) {
  if (phase_ == phase::over || hanging_up_)
    return make_error(errc::already_disconnected, id_);
  hanging_up_ = true;
  // The tear-down calls handlers, and we may be inside one. It comes before the
  // socket's end, which does not know the cause.
  send(this, hang_up{{code, std::string{reason}, false, std::move(cause)}});
  outbox_.to_self(disconnect{code, std::string{reason}});
  return {};
}

// -- rooms --------------------------------------------------------------------

caf::error connection_actor::join_room(const std::string& room) {
  if (phase_ == phase::over || hanging_up_)
    return make_error(errc::already_disconnected, id_);
  if (is_member(room))
    return {};
  if (is_reserved_room(room))
    return make_error(errc::reserved_name, room);
  if (room_count_ >= core_->settings.max_rooms_per_connection)
    return refuse_room(room);
  if (!may_send(room.size()))
    return make_error(errc::too_much_output, room);
  ++room_count_;
  auto& entry = rooms_[room];
  entry.is_member = true;
  ++entry.asked;
  outbox_.send(troupe::join{room, caf::actor_cast<caf::actor>(this)});
  return {};
}

caf::error connection_actor::refuse_room(const std::string& room) {
  add_one(core_->stats.joins_refused);
  auto err = make_error(errc::too_many_rooms, room);
  if (!std::exchange(refusing_, true)) { // on_error may try another one.
    fail(err);
    refusing_ = false;
  }
  return err;
}

bool connection_actor::leave_room(const std::string& room) {
  auto i = rooms_.find(room);
  if (i == rooms_.end() || !i->second.is_member || i->second.leaving)
    return false;
  i->second.leaving = true;
  run_on_leave(room);
  // Stays valid: only we erase entries, and not one that is being left.
  auto& entry = i->second;
  entry.leaving = false;
  entry.is_member = false;
  --room_count_;
  troupe::leave msg{room, caf::actor_cast<caf::actor>(this)};
  auto handle = std::exchange(entry.room, nullptr);
  if (handle)
    outbox_.send(handle, *entry.direct, std::move(msg));
  else
    outbox_.send(std::move(msg));
  forget_if_settled(room);
  return true;
}

void connection_actor::leave_rooms() {
  for (const auto& room : room_names())
    leave_room(room);
}

bool connection_actor::is_member(const std::string& room) const {
  if (room == id_)
    return true;
  auto i = rooms_.find(room);
  return i != rooms_.end() && i->second.is_member;
}

std::vector<std::string> connection_actor::room_names() const {
  std::vector<std::string> res;
  for (const auto& [name, entry] : rooms_)
    if (entry.is_member)
      res.push_back(name);
  return res;
}

void connection_actor::forget_if_settled(const std::string& room) {
  auto i = rooms_.find(room);
  if (i != rooms_.end() && !i->second.is_member && i->second.asked == 0)
    rooms_.erase(i);
}

void connection_actor::on_joined(const joined& msg) {
  if (auto i = rooms_.find(msg.room); i != rooms_.end()) {
    auto& room = i->second;
    if (room.asked > 0)
      --room.asked;
    // While later joins are under way, the room may end and come again.
    if (room.is_member && room.asked == 0) {
      room.room = msg.handle;
      room.direct = fast_path_to<direct_channel>(msg.handle);
    }
    forget_if_settled(msg.room);
  }
  on_confirmed({msg.ticket, msg.ticket});
}

void connection_actor::on_join_refused(const join_refused& msg) {
  if (auto i = rooms_.find(msg.room); i != rooms_.end()) {
    if (i->second.asked > 0)
      --i->second.asked;
    room_count_ -= std::exchange(i->second.is_member, false) ? 1 : 0;
    forget_if_settled(msg.room);
  }
  fail(msg.reason);
  refusal_ = msg.reason; // For who waits for the answer.
  on_confirmed({msg.ticket, msg.ticket});
  refusal_ = {};
}

void connection_actor::on_room_down(const std::string& name) {
  // It may be back already.
  auto i = rooms_.find(name);
  if (i != rooms_.end() && i->second.room
      && i->second.room == current_sender()) {
    i->second.leaving = true;
    run_on_leave(name);
    room_count_ -= i->second.is_member ? 1 : 0;
    rooms_.erase(i);
  }
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
