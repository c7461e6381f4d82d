#include "actors/room_supervisor.hpp"

#include "base/reserved_names.hpp"

#include <functional>
#include <utility>

namespace troupe::actors {

room_supervisor::room_supervisor(pinned_actor* owner,
                                 std::shared_ptr<server_core> core,
                                 std::vector<event_loop*> event_loops,
                                 relay_list relays,
                                 const connection_table& connections,
                                 const remote_nodes& nodes, event_feed& feed)
  : owner_(owner),
    core_(std::move(core)),
    loops_(std::move(event_loops)),
    relays_(std::move(relays)),
    connections_(connections),
    nodes_(nodes),
    feed_(feed) {
}

// -- members ------------------------------------------------------------------

void room_supervisor::let_in(const caf::actor& who, const msg::join& msg) {
  if (auto fault = check(msg.room)) {
    if (fault == errc::too_many_rooms)
      add_one(core_->stats.rooms_refused);
    owner_->send(who,
                 msg::join_refused{msg.room, std::move(fault), msg.ticket});
    return;
  }
  auto& room = open(msg.room);
  if (room.populate())
    tell_nodes(msg.room, true);
  if (room.direct->members().add(who))
    add_bot(who, msg.room);
  owner_->send(who, msg::joined{msg.room, room.handle, msg.ticket});
}

caf::result<void> room_supervisor::observe(const std::string& room) {
  auto* found = rooms_.find(room);
  if (found == nullptr)
    return make_error(errc::no_such_name, room);
  auto who = caf::actor_cast<caf::actor>(owner_->current_sender());
  if (found->direct->members().observe(who))
    add_bot(who, room);
  return caf::unit;
}

bool room_supervisor::let_out(const caf::actor& who, const std::string& room) {
  auto* found = rooms_.find(room);
  if (found == nullptr)
    return false;
  forget_bot_in(who.id(), room);
  return found->direct->let_go(who.id());
}

void room_supervisor::on_removed(const removed& msg) {
  auto* room = rooms_.find(msg.room); // The member may have joined again.
  if (room == nullptr || !room->direct->members().contains(msg.who.id()))
    forget_bot_in(msg.who.id(), msg.room);
}

std::set<std::string> room_supervisor::remove_bot(caf::actor_id who) {
  return bots_.extract(who);
}

void room_supervisor::let_go(const std::string& room, caf::actor_id who) {
  if (auto* found = rooms_.find(room))
    found->direct->let_go(who);
}

/// @returns the error if this room cannot be joined; otherwise none.
caf::error room_supervisor::check(const std::string& room) const {
  if (is_closed_)
    return make_error(errc::already_disconnected, "the server has stopped");
  if (base::is_reserved_room(room))
    return make_error(errc::reserved_name, room);
  if (rooms_.size() >= core_->settings.max_rooms && !rooms_.contains(room))
    return make_error(errc::too_many_rooms, room);
  return {};
}

/// Monitors `who` if it is a bot, which may terminate without leaving.
/// Connections always leave their rooms.
void room_supervisor::add_bot(const caf::actor& who, const std::string& room) {
  if (fast_path_to<direct_receiver>(who) != nullptr)
    return;
  if (bots_.add(who, room))
    owner_->monitor(who);
}

void room_supervisor::forget_bot_in(caf::actor_id who,
                                    const std::string& room) {
  auto gone = bots_.remove(who, room);
  // `demonitor` would also end the monitoring of a subscriber.
  if (gone && !feed_.has_subscriber(who))
    owner_->demonitor(gone);
}

// -- rooms --------------------------------------------------------------------

void room_supervisor::on_vacant(const vacant& msg) {
  auto* room = rooms_.find(msg.room);
  // An actor may have joined meanwhile, or the room may report it twice.
  if (room == nullptr || room->handle != owner_->current_sender()
      || !room->has_members || room->direct->members().size() > 0)
    return;
  room->has_members = false;
  tell_nodes(msg.room, false);
  if (!room->is_needed())
    retire(msg.room);
}

void room_supervisor::on_failure(const caf::actor& who) {
  auto* direct = fast_path_to<room_actor>(who);
  auto* room = direct != nullptr ? rooms_.find(direct->room_name()) : nullptr;
  if (room == nullptr || room->handle != who)
    return;
  auto name = direct->room_name();
  auto gone = *room;
  if (gone.has_members)
    tell_nodes(name, false);
  remove(name);
  for (const auto& bridge : gone.bridges)
    set_remote(name, bridge, true);
}

void room_supervisor::set_remote(const std::string& name,
                                 const caf::actor& bridge, bool populated) {
  if (is_closed_ || (!populated && !rooms_.contains(name)))
    return;
  auto& room = open(name);
  room.set_remote(bridge, populated);
  if (room.is_needed())
    room.direct->members().set_bridges(room.bridges);
  else
    retire(name);
}

void room_supervisor::update_namesake(const std::string& id) {
  if (auto* room = rooms_.find(id))
    room->direct->set_namesake(has_connection(id));
}

/// Returns whether any node has the connection `id`.
bool room_supervisor::has_connection(const std::string& id) const {
  return connections_.contains(id) || nodes_.claims().is_remote(id);
}

room_table::room& room_supervisor::open(const std::string& name) {
  if (auto* room = rooms_.find(name))
    return *room;
  auto handle = spawn(name);
  auto* direct = fast_path_to<room_actor>(handle);
  direct->set_namesake(has_connection(name));
  auto& room = rooms_.add(name, std::move(handle), direct);
  note_count();
  feed_.report(msg::room_up{name, room.handle});
  return room;
}

caf::actor room_supervisor::spawn(const std::string& name) {
  auto* at = loops_.empty()
               ? nullptr
               : loops_[std::hash<std::string>{}(name) % loops_.size()];
  auto registry = caf::actor_cast<caf::actor>(owner_);
  auto room = spawn_pinned<room_actor>(owner_->system(), at, core_, name,
                                       registry, relays_);
  owner_->monitor(room);
  return room;
}

/// Removes a room that is not needed any more, and ends its monitoring, so that
/// its termination does not count as a failure.
void room_supervisor::retire(const std::string& name) {
  const auto& handle = rooms_.find(name)->handle;
  owner_->demonitor(handle);
  owner_->send(handle, actors::retire{});
  remove(name);
}

void room_supervisor::remove(const std::string& name) {
  rooms_.remove(name);
  note_count();
  feed_.report(msg::room_down{name});
}

void room_supervisor::note_count() {
  core_->stats.rooms.store(rooms_.size(), std::memory_order_relaxed);
}

void room_supervisor::tell_nodes(const std::string& name, bool has_members) {
  for (const auto& x : nodes_)
    owner_->send(x.bridge, room_populated{name, has_members});
}

// -- the end ------------------------------------------------------------------

void room_supervisor::dismiss_all() {
  rooms_.for_each([this](const auto&, const auto& room) {
    owner_->send(room.handle, dismiss{});
  });
}

void room_supervisor::clear() {
  rooms_.clear();
  if (core_)
    note_count();
  core_ = nullptr;
  bots_.clear();
}

} // namespace troupe::actors
