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
  for (const auto& [name, room] : rooms_)
    if (room.has_members)
      send(link, room_populated{name, true});
  auto is_everywhere = [](const auto& x) { return x.second.everywhere; };
  if (std::any_of(subscribers_.begin(), subscribers_.end(), is_everywhere))
    want_events(nullptr);
  tell_everyone_of_links();
}

void registry_actor::remove_outpost(const caf::actor_addr& link) {
  auto i = find_outpost(link);
  if (i == outposts_.end())
    return;
  auto gone = i->link;
  for (const auto& [id, handle] : i->connections)
    tell_everywhere(caf::make_message(connection_down{
      id, close_code::abnormal, "its node " + i->node + " is gone"}));
  outposts_.erase(i);
  tell_everyone_of_links();
  std::vector<std::string> linked;
  for (const auto& [name, room] : rooms_)
    if (std::find(room.links.begin(), room.links.end(), gone)
        != room.links.end())
      linked.push_back(name);
  for (const auto& name : linked)
    link_room(name, gone, false);
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
    send(room.handle, outposts{room.links});
}

void registry_actor::tell_links(const std::string& room, bool has_members) {
  for (const auto& x : outposts_)
    send(x.link, room_populated{room, has_members});
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

/// To a connection that is not here.
void registry_actor::send_afar(const publish& msg) {
  for (const auto& x : links_for(msg.to.name))
    forward(x.link, caf::make_message(msg));
}

/// To where a connection may be: an id of ours names its node.
registry_actor::link_list
registry_actor::links_for(const std::string& id) const {
  auto node = node_of(id);
  auto result = all_links();
  if (!node.empty())
    std::erase_if(result, [&](const auto& x) { return x.name != node; });
  return result;
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
  auto others = links_for(msg.id);
  if (!others.empty()) {
    pass_to(spawn_survey(false, std::move(others)), caf::make_message(msg));
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
    if (!std::exchange(x.tells_events, true))
      send(x.link, events_wanted{});
    else if (who)
      for (const auto& [id, handle] : x.connections)
        send(who, connection_up{id, handle});
  }
}

void registry_actor::take_event(const caf::message& what) {
  auto i = find_outpost(current_sender()->address());
  if (i == outposts_.end())
    return;
  bool is_news = false;
  if (what.match_elements<connection_up>()) {
    const auto& x = what.get_as<connection_up>(0);
    is_news = i->connections.emplace(x.id, x.handle).second;
  } else if (what.match_elements<connection_down>()) {
    is_news = i->connections.erase(what.get_as<connection_down>(0).id) > 0;
  }
  if (is_news)
    tell_everywhere(what);
}

/// List and subscription in one, so that the link hears of each once.
std::vector<connection_info> registry_actor::let_watch() {
  if (auto i = find_outpost(current_sender()->address()); i != outposts_.end())
    i->watches = true;
  return list();
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
