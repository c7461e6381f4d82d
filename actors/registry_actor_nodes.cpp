/// What the registry has to do with its server's other nodes.

#include "actors/registry_actor.hpp"
#include "actors/survey_actor.hpp"
#include "troupe/id.hpp"

#include <algorithm>
#include <utility>

namespace troupe::actors {

// -- who is there -------------------------------------------------------------

void registry_actor::add_remote_node(const std::string& node) {
  auto bridge = caf::actor_cast<caf::actor>(current_sender());
  // What an earlier bridge still has would come too late: its node spoke anew.
  auto is_same = [&](const remote_node& x) { return x.node == node; };
  if (auto old = std::find_if(remote_nodes_.begin(), remote_nodes_.end(),
                              is_same);
      old != remote_nodes_.end()) {
    replaced_.insert(old->bridge.id());
    remove_remote_node(old->bridge.address());
  }
  monitor(bridge);
  remote_nodes_.push_back({.bridge = bridge, .node = node});
  send(bridge, names_here{rooms_.populated(), claims_.held()});
  feed_.add_source(bridge);
  tell_everyone_of_bridges();
}

void registry_actor::remove_remote_node(const caf::actor_addr& bridge) {
  auto i = find_remote_node(bridge);
  if (i == remote_nodes_.end())
    return;
  auto gone = std::move(*i);
  remote_nodes_.erase(i);
  tell_everyone_of_bridges();
  claims_.ignore(gone.bridge);
  begin([this, gone = std::make_shared<remote_node>(std::move(gone)),
         events = std::make_shared<event_feed::source>(*feed_.remove_source(
           bridge))] { return forget_some(*gone, *events); });
}

/// Forgets one of the things that were known of a node.
bool registry_actor::forget_some(remote_node& gone,
                                 event_feed::source& events) {
  if (feed_.report_next_lost(events, gone.node))
    return true;
  if (!gone.ids.empty()) {
    auto id = gone.ids.extract(gone.ids.begin()).value();
    claims_.forget(gone.bridge, id);
    note_namesake(id);
    return true;
  }
  if (!gone.rooms.empty()) {
    bridge_room(gone.rooms.extract(gone.rooms.begin()).value(), gone.bridge,
                false);
    return true;
  }
  claims_.stop_ignoring(gone.bridge);
  return false;
}

std::vector<registry_actor::remote_node>::iterator
registry_actor::find_remote_node(const caf::actor_addr& bridge) {
  return std::find_if(remote_nodes_.begin(), remote_nodes_.end(),
                      [&](const remote_node& x) { return x.bridge == bridge; });
}

void registry_actor::tell_everyone_of_bridges() {
  std::vector<caf::actor> bridges;
  for (const auto& x : remote_nodes_)
    bridges.push_back(x.bridge);
  everyone_.set_bridges(std::move(bridges));
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
  auto i = find_remote_node(current_sender()->address());
  if (i == remote_nodes_.end())
    return; // It was replaced, or is gone.
  if (msg.has_members)
    i->rooms.insert(msg.room);
  else
    i->rooms.erase(msg.room);
  bridge_room(msg.room, i->bridge, msg.has_members);
}

// -- ids ----------------------------------------------------------------------

/// A connection of ours has this id.
void registry_actor::hold_id(const std::string& id) {
  if (id_claims::is_own(id))
    tell_bridges(id_held{claims_.hold(id)});
}

void registry_actor::free_id(const std::string& id) {
  if (!id_claims::is_own(id))
    return;
  claims_.free(id);
  tell_bridges(id_freed{id});
}

/// If one of ours has it, too, one of the two nodes gives it up.
void registry_actor::note_remote_id(const held_id& x) {
  auto i = find_remote_node(current_sender()->address());
  if (i == remote_nodes_.end())
    return;
  i->ids.insert(x.id);
  claims_.learn(i->bridge, x);
  note_namesake(x.id);
  if (!claims_.is_lost(x.id))
    return;
  add_one(core_->stats.ids_lost);
  feed_.report(id_lost{x.id, i->node});
  end_at_once(caf::actor{*connections_.find(x.id)},
              "node " + i->node + " has its id");
}

void registry_actor::note_remote_id_free(const std::string& id) {
  auto i = find_remote_node(current_sender()->address());
  if (i == remote_nodes_.end())
    return;
  i->ids.erase(id);
  claims_.forget(i->bridge, id);
  note_namesake(id);
}

// -- messages -----------------------------------------------------------------

/// Tells the bridge, or lets who gets the messages do so.
void registry_actor::take_in(arrival& msg) {
  auto bridge = caf::actor_cast<caf::actor>(current_sender());
  auto ticket = msg.ticket;
  if (replaced_.count(bridge.id()) != 0) {
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

/// The node where the connection of this id is, if it is known: an id of the
/// default form tells, any other one its node.
const registry_actor::remote_node*
registry_actor::find_node_of(const std::string& id) const {
  auto node = node_of(id);
  auto keeper = node.empty() ? claims_.keeper(id) : nullptr;
  for (const auto& x : remote_nodes_)
    if (node.empty() ? x.bridge == keeper : x.node == node)
      return &x;
  return nullptr;
}

registry_actor::bridge_list registry_actor::all_bridges() const {
  bridge_list result;
  for (const auto& x : remote_nodes_)
    result.push_back({x.node, x.bridge});
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
  if (auto* x = find_node_of(msg.id)) {
    pass_to(spawn_survey(false, {{x->node, x->bridge}}),
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
  auto node = node_name(who.node());
  auto is_its = [&](const remote_node& x) { return x.node == node; };
  auto i = std::find_if(remote_nodes_.begin(), remote_nodes_.end(), is_its);
  if (i == remote_nodes_.end())
    return make_error(errc::no_such_node, node);
  pass_to(i->bridge, caf::make_message(ask_remote{what}));
  return caf::message{};
}

} // namespace troupe::actors
