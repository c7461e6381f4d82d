/// What the registry has to do with its server's other nodes.

#include "actors/registry_actor.hpp"
#include "actors/survey_actor.hpp"
#include "troupe/id.hpp"

#include <utility>

namespace troupe::actors {

// -- who is there -------------------------------------------------------------

void registry_actor::add_remote_node(const std::string& name) {
  auto bridge = caf::actor_cast<caf::actor>(current_sender());
  // What an earlier bridge still delivers is outdated: its node starts anew.
  if (auto old = remote_nodes_.replace(name))
    forget_remote_node(std::move(*old));
  monitor(bridge);
  remote_nodes_.add(bridge, name);
  send(bridge, names_here{rooms_.populated(), remote_nodes_.claims().held()});
  feed_.add_source(bridge);
  everyone_.set_bridges(remote_nodes_.bridges());
}

void registry_actor::remove_remote_node(const caf::actor_addr& bridge) {
  if (auto gone = remote_nodes_.remove(bridge))
    forget_remote_node(std::move(*gone));
}

/// Forgets all that is known of a removed node, in parts.
void registry_actor::forget_remote_node(remote_nodes::node gone) {
  struct remains {
    remote_nodes::node node;
    event_feed::source events;
  };
  everyone_.set_bridges(remote_nodes_.bridges());
  auto events = feed_.remove_source(gone.bridge.address());
  auto left
    = std::make_shared<remains>(remains{std::move(gone), std::move(*events)});
  begin([this, left] { return forget_some(left->node, left->events); });
}

bool registry_actor::forget_some(remote_nodes::node& gone,
                                 event_feed::source& events) {
  if (feed_.report_next_lost(events, gone.name))
    return true;
  if (auto id = remote_nodes_.forget_id(gone)) {
    note_namesake(*id);
    return true;
  }
  if (auto room = remote_nodes::forget_room(gone)) {
    bridge_room(*room, gone.bridge, false);
    return true;
  }
  remote_nodes_.finish(gone);
  return false;
}

void registry_actor::bridge_room(const std::string& name,
                                 const caf::actor& bridge, bool populated) {
  if (stopping_ || (!populated && !rooms_.contains(name)))
    return;
  auto& room = open_room(name);
  room.set_remote(bridge, populated);
  if (room.is_needed())
    room.direct->hall().set_bridges(room.bridges);
  else
    retire_room(name);
}

void registry_actor::note_remote_room(const remote_room_populated& msg) {
  auto* node = remote_nodes_.find(current_sender()->address());
  if (node == nullptr)
    return; // It was replaced, or is gone.
  if (msg.has_members)
    node->rooms.insert(msg.room);
  else
    node->rooms.erase(msg.room);
  bridge_room(msg.room, node->bridge, msg.has_members);
}

// -- ids ----------------------------------------------------------------------

void registry_actor::hold_id(const std::string& id) {
  if (id_claims::is_own(id))
    tell_bridges(id_held{remote_nodes_.hold_local_id(id)});
}

void registry_actor::free_id(const std::string& id) {
  if (!id_claims::is_own(id))
    return;
  remote_nodes_.free_local_id(id);
  tell_bridges(id_freed{id});
}

/// If a connection of this node has the id, too, one of the two nodes gives it
/// up.
void registry_actor::note_remote_id(const held_id& x) {
  auto* node = remote_nodes_.find(current_sender()->address());
  if (node == nullptr)
    return;
  remote_nodes_.hold_remote_id(*node, x);
  note_namesake(x.id);
  if (!remote_nodes_.claims().is_lost(x.id))
    return;
  add_one(core_->stats.ids_lost);
  feed_.report(id_lost{x.id, node->name});
  end_at_once(caf::actor{*connections_.find(x.id)},
              "node " + node->name + " has its id");
}

void registry_actor::note_remote_id_free(const std::string& id) {
  auto* node = remote_nodes_.find(current_sender()->address());
  if (node == nullptr)
    return;
  remote_nodes_.free_remote_id(*node, id);
  note_namesake(id);
}

// -- messages -----------------------------------------------------------------

/// Tells the bridge, or lets who gets the messages do so.
void registry_actor::take_in(arrival& msg) {
  auto bridge = caf::actor_cast<caf::actor>(current_sender());
  auto ticket = msg.ticket;
  if (remote_nodes_.is_replaced(bridge.id())) {
    send(bridge, arrival_refused{ticket});
    return;
  }
  using kind = recipient::kind;
  const auto& [what, name, skip_sender] = msg.to;
  auto is_taken = false;
  if (what == kind::everyone) {
    keep_order(msg, caf::actor_cast<caf::actor>(this), &everyone_);
    is_taken = everyone_.try_publish(std::move(msg), current_sender());
  } else if (what == kind::room) {
    if (auto* room = rooms_.find(name)) {
      keep_order(msg, room->handle, room->direct);
      is_taken = room->direct->hall().try_publish(std::move(msg),
                                                  current_sender());
    }
  } else if (auto* to = connections_.find(name)) {
    keep_order(msg, nullptr, nullptr);
    for (const auto& x : msg.messages) {
      auto is_last = &x == &msg.messages.back();
      post({.to = *to,
            .from = nullptr,
            .what = caf::make_message(emit{x.message}),
            .sender = x.from,
            .asks = is_last ? current_sender() : nullptr,
            .ticket = ticket});
    }
    is_taken = true;
  }
  if (!is_taken)
    confirm(ticket);
}

void registry_actor::keep_order(const arrival& msg, const caf::actor& keeps,
                                direct_channel* where) {
  for (const auto& x : msg.messages)
    keep_order({x.from, current_sender()->id()}, keeps, where);
}

registry_actor::bridge_list registry_actor::all_bridges() const {
  bridge_list result;
  for (const auto& x : remote_nodes_)
    result.push_back({x.name, x.bridge});
  return result;
}

// -- questions ----------------------------------------------------------------

caf::actor registry_actor::spawn_survey(bool asks_here, bridge_list others) {
  caf::actor here;
  if (asks_here)
    here = caf::actor_cast<caf::actor>(this);
  return spawn_pinned<survey_actor>(
    system(), at(), here, node_name(system().node()), std::move(others));
}

caf::result<caf::message> registry_actor::tell_afar(const tell& msg) {
  if (auto* x = remote_nodes_.node_of_connection(msg.id)) {
    pass_to(spawn_survey(false, {{x->name, x->bridge}}),
            caf::make_message(msg));
    return caf::message{};
  }
  if (!is_asked())
    return caf::message{};
  return answer_for_nobody(msg);
}

caf::result<caf::message> registry_actor::tell_own(const tell_here& msg) {
  if (auto* to = connections_.find(msg.id)) {
    pass_to(*to, msg.what);
    return caf::message{};
  }
  return make_error(errc::no_such_name, msg.id);
}

/// A member lives where its node's registry knows it.
caf::result<caf::message>
registry_actor::pass_to_node_of(const caf::actor& who,
                                const caf::message& what) {
  auto name = node_name(who.node());
  auto* node = remote_nodes_.find_by_name(name);
  if (node == nullptr)
    return make_error(errc::no_such_node, name);
  pass_to(node->bridge, caf::make_message(ask_remote{what}));
  return caf::message{};
}

} // namespace troupe::actors
