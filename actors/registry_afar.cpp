/// What the registry has to do with its server's other nodes.

#include "actors/registry.hpp"
#include "actors/survey.hpp"
#include "troupe/id.hpp"

#include <algorithm>
#include <utility>

namespace troupe::actors {

// -- who is there -------------------------------------------------------------

void registry_actor::add_outpost(const std::string& node) {
  auto link = caf::actor_cast<caf::actor>(current_sender());
  // What an earlier link still has would come too late: its node spoke anew.
  auto is_same = [&](const outpost& x) { return x.node == node; };
  if (auto old = std::find_if(outposts_.begin(), outposts_.end(), is_same);
      old != outposts_.end()) {
    replaced_.insert(old->link.id());
    remove_outpost(old->link.address());
  }
  monitor(link);
  outposts_.push_back({.link = link, .node = node});
  names_here names{{}, claims_.held()};
  for (const auto& [name, room] : rooms_)
    if (room.has_members)
      names.populated.push_back(name);
  send(link, std::move(names));
  if (everywhere_ > 0)
    want_events(nullptr);
  tell_everyone_of_links();
}

void registry_actor::remove_outpost(const caf::actor_addr& link) {
  auto i = find_outpost(link);
  if (i == outposts_.end())
    return;
  auto gone = std::move(*i);
  outposts_.erase(i);
  tell_everyone_of_links();
  claims_.ignore(gone.link);
  begin([this, gone = std::make_shared<outpost>(std::move(gone))] {
    return forget_some(*gone);
  });
}

/// One of the things that were known of it.
bool registry_actor::forget_some(outpost& gone) {
  if (!gone.connections.empty()) {
    auto id = gone.connections.extract(gone.connections.begin()).key();
    if (connections_.count(id) == 0 && !is_known_afar(id))
      tell_everywhere(caf::make_message(
        connection_down{std::move(id), close_code::abnormal,
                        "its node " + gone.node + " is gone"}));
    return true;
  }
  if (!gone.ids.empty()) {
    auto id = gone.ids.extract(gone.ids.begin()).value();
    claims_.forget(gone.link, id);
    note_namesake(id);
    return true;
  }
  if (!gone.rooms.empty()) {
    link_room(gone.rooms.extract(gone.rooms.begin()).value(), gone.link, false);
    return true;
  }
  claims_.stop_ignoring(gone.link);
  return false;
}

std::vector<registry_actor::outpost>::iterator
registry_actor::find_outpost(const caf::actor_addr& link) {
  return std::find_if(outposts_.begin(), outposts_.end(),
                      [&](const outpost& x) { return x.link == link; });
}

void registry_actor::tell_everyone_of_links() {
  std::vector<caf::actor> links;
  for (const auto& x : outposts_)
    links.push_back(x.link);
  everyone_.set_links(std::move(links));
}

/// A room exists here as long as it has members on any node: what is said in it
/// then has one way, whoever is there.
void registry_actor::link_room(const std::string& name, const caf::actor& link,
                               bool linked) {
  if (stopping_ || (!linked && rooms_.count(name) == 0))
    return;
  auto& room = open_room(name);
  std::erase(room.links, link);
  if (linked)
    room.links.push_back(link);
  if (room.links.empty() && !room.has_members)
    retire_room(name);
  else
    room.direct->hall().set_links(room.links);
}

void registry_actor::note_room_afar(const room_populated_afar& msg) {
  auto i = find_outpost(current_sender()->address());
  if (i == outposts_.end())
    return; // It was replaced, or is gone.
  if (msg.has_members)
    i->rooms.insert(msg.room);
  else
    i->rooms.erase(msg.room);
  link_room(msg.room, i->link, msg.has_members);
}

// -- ids ----------------------------------------------------------------------

/// A connection of ours has this id.
void registry_actor::hold_id(const std::string& id) {
  if (id_claims::is_own(id))
    tell_links(id_held{claims_.hold(id)});
}

void registry_actor::free_id(const std::string& id) {
  if (!id_claims::is_own(id))
    return;
  claims_.free(id);
  tell_links(id_freed{id});
}

/// If one of ours has it, too, one of the two nodes gives it up.
void registry_actor::note_id_afar(const held_id& x) {
  auto i = find_outpost(current_sender()->address());
  if (i == outposts_.end())
    return;
  i->ids.insert(x.id);
  claims_.learn(i->link, x);
  note_namesake(x.id);
  if (!claims_.is_lost(x.id))
    return;
  add_one(core_->stats.ids_lost);
  tell_subscribers(id_lost{x.id, i->node});
  end_at_once(caf::actor{connections_.at(x.id)},
              "node " + i->node + " has its id");
}

void registry_actor::note_id_free_afar(const std::string& id) {
  auto i = find_outpost(current_sender()->address());
  if (i == outposts_.end())
    return;
  i->ids.erase(id);
  claims_.forget(i->link, id);
  note_namesake(id);
}

// -- messages -----------------------------------------------------------------

/// Tells the link, or lets who gets the messages do so.
void registry_actor::take_in(arrival& msg) {
  auto link = caf::actor_cast<caf::actor>(current_sender());
  auto ticket = msg.ticket;
  if (replaced_.count(link.id()) != 0) {
    send(link, arrival_refused{ticket});
    return;
  }
  using kind = recipient::kind;
  const auto& [what, name, skip_sender] = msg.to;
  auto is_taken = false;
  if (what == kind::everyone) {
    keep_order(msg, caf::actor_cast<caf::actor>(this), &everyone_);
    is_taken = everyone_.take(std::move(msg), current_sender());
  } else if (what == kind::room) {
    if (auto i = rooms_.find(name); i != rooms_.end()) {
      keep_order(msg, i->second.handle, i->second.direct);
      is_taken = i->second.direct->hall().take(std::move(msg),
                                               current_sender());
    }
  } else if (auto i = connections_.find(name); i != connections_.end()) {
    keep_order(msg, nullptr, nullptr);
    for (const auto& x : msg.messages) {
      auto is_last = &x == &msg.messages.back();
      post({.to = i->second,
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
                                gatherer* where) {
  for (const auto& x : msg.messages)
    keep_order(speaker{x.from, current_sender()->id()}, keeps, where);
}

/// The node where the connection of this id is, if it is known: an id of the
/// default form tells, any other one its node.
const registry_actor::outpost*
registry_actor::find_node_of(const std::string& id) const {
  auto node = node_of(id);
  auto keeper = node.empty() ? claims_.keeper(id) : nullptr;
  for (const auto& x : outposts_)
    if (node.empty() ? x.link == keeper : x.node == node)
      return &x;
  return nullptr;
}

registry_actor::link_list registry_actor::all_links() const {
  link_list result;
  for (const auto& x : outposts_)
    result.push_back({x.node, x.link});
  return result;
}

// -- questions ----------------------------------------------------------------

caf::actor registry_actor::spawn_survey(bool asks_here, link_list others) {
  caf::actor here;
  if (asks_here)
    here = caf::actor_cast<caf::actor>(this);
  return spawn_pinned<survey_actor>(
    system(), at(), here, node_name(system().node()), std::move(others));
}

caf::result<caf::message> registry_actor::tell_afar(const tell& msg) {
  if (auto* x = find_node_of(msg.id)) {
    pass_to(spawn_survey(false, {{x->node, x->link}}), caf::make_message(msg));
    return caf::message{};
  }
  if (!is_asked())
    return caf::message{};
  return answer_for_nobody(msg);
}

caf::result<caf::message> registry_actor::tell_own(const tell_here& msg) {
  if (auto i = connections_.find(msg.id); i != connections_.end()) {
    pass_to(i->second, msg.what);
    return caf::message{};
  }
  return make_error(errc::no_such_name, msg.id);
}

// -- events -------------------------------------------------------------------

/// Each node tells us once; who comes later is told by us what there is.
void registry_actor::want_events(const caf::actor& who) {
  for (auto& x : outposts_) {
    if (x.events_round == 0) {
      x.events_round = ++last_round_;
      send(x.link, events_wanted{x.events_round});
    } else if (who) {
      for (const auto& [id, handle] : x.connections)
        send(who, connection_up{id, handle});
    }
  }
}

/// Nobody here listens any more.
void registry_actor::want_no_events() {
  for (auto& x : outposts_) {
    x.connections.clear();
    if (std::exchange(x.events_round, 0) != 0)
      send(x.link, events_wanted{0});
  }
}

void registry_actor::take_event(const event_afar& msg) {
  auto i = find_outpost(current_sender()->address());
  if (i == outposts_.end() || msg.round != i->events_round)
    return;
  const auto& what = msg.what;
  bool is_news = false;
  if (what.match_elements<connection_up>()) {
    const auto& x = what.get_as<connection_up>(0);
    is_news = i->connections.emplace(x.id, x.handle).second;
  } else if (what.match_elements<connection_down>()) {
    const auto& id = what.get_as<connection_down>(0).id;
    is_news = i->connections.erase(id) > 0 && connections_.count(id) == 0
              && !is_known_afar(id);
  }
  if (is_news)
    tell_everywhere(what);
}

/// Whether subscribers know it as a connection of another node. That two have
/// one id for a moment, or that a node came back before all of it was
/// forgotten, must not look like an end.
bool registry_actor::is_known_afar(const std::string& id) const {
  auto knows = [&](const outpost& x) { return x.connections.count(id) != 0; };
  return std::any_of(outposts_.begin(), outposts_.end(), knows);
}

/// List and subscription in one, so that the link hears of each once.
std::vector<connection_info> registry_actor::let_watch() {
  if (auto i = find_outpost(current_sender()->address()); i != outposts_.end())
    i->watches = true;
  return list();
}

void registry_actor::let_no_more_watch() {
  if (auto i = find_outpost(current_sender()->address()); i != outposts_.end())
    i->watches = false;
}

/// A member lives where its node's registry knows it.
caf::result<caf::message>
registry_actor::pass_to_node_of(const caf::actor& who,
                                const caf::message& what) {
  auto node = node_name(who.node());
  auto is_its = [&](const outpost& x) { return x.node == node; };
  auto i = std::find_if(outposts_.begin(), outposts_.end(), is_its);
  if (i == outposts_.end())
    return make_error(errc::no_such_node, node);
  pass_to(i->link, caf::make_message(ask_afar{what}));
  return caf::message{};
}

void registry_actor::tell_everywhere(const caf::message& what) {
  for (const auto& [id, x] : subscribers_)
    if (x.everywhere)
      forward(x.who, what);
}

} // namespace troupe::actors
