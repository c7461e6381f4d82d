#include "actors/registry_actor.hpp"

#include "base/reserved_names.hpp"

#include <algorithm>
#include <utility>

namespace troupe::actors {

namespace {

/// Sent by the registry to itself. Terminates it even if there are connections.
struct out_of_patience {};

/// Sent by the registry to itself. Does the next parts of its chores.
struct more_chores {};

/// The number of parts of chores between two other messages.
constexpr int parts_at_once = 16;

} // namespace

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::out_of_patience)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::more_chores)

namespace troupe::actors {

registry_actor::registry_actor(caf::actor_config& cfg, event_loop* at,
                               std::shared_ptr<server_core> core,
                               std::vector<event_loop*> event_loops)
  : runtime_actor(cfg, at),
    core_(std::move(core)),
    relays_(spawn_relays(system(), event_loops)),
    everyone_(this, core_, relays_, {}),
    feed_(this, connections_),
    remote_nodes_(core_->settings.on_id_conflict),
    rooms_(this, core_, std::move(event_loops), relays_, connections_,
           remote_nodes_, feed_),
    router_(this, relays_, everyone_, connections_, rooms_.table(),
            remote_nodes_) {
  set_down_handler([this](const caf::down_msg& msg) { on_down(msg); });
  for (const auto& x : *relays_)
    monitor(x.handle);
}

caf::behavior registry_actor::make_behavior() {
  return {
    [this](const msg::publish& msg) { router_.route(msg); },
    [this](turn_end) { router_.send_off(); },
    [this](const relayed& msg) { everyone_.on_relayed(msg); },
    [this](const msg::join& msg) { return join(msg); },
    [this](const msg::leave& msg) { return leave(msg); },
    [this](const removed& msg) { rooms_.on_removed(msg); },
    [this](const enlist& msg) { return on_enlist(msg); },
    [this](const delist& msg) {
      auto who = caf::actor_cast<caf::actor>(current_sender());
      connections_.add_ending(who);
      remove_connection(who.id(), msg.how);
    },
    [this](const vacant& msg) { rooms_.on_vacant(msg); },
    [this](const msg::lookup& msg) { return find(msg.name); },
    [this](msg::connections) { return list(); },
    [this](const list_connections& x) { return connections_.some(x.which); },
    [this](const list_rooms& x) { return rooms_.table().some(x.which); },
    [this](const observe& msg) { return rooms_.observe(msg.room); },
    [this](const msg::connection& msg) { return find_connection(msg.id); },
    [this](const msg::connections_by_room& msg) { return list(msg.room); },
    [this](const msg::is_connected& msg) {
      return connections_.contains(msg.id);
    },
    [this](const msg::forward& msg) { return router_.delegate(msg); },
    [this](const msg::survey& msg) { router_.delegate(msg); },
    [this](msg::rooms) {
      std::vector<room_info> res;
      rooms_.table().for_each([&](const auto& name, const auto& room) {
        res.push_back({name, room.handle});
      });
      return res;
    },
    [this](msg::total_connections) { return uint64_t{connections_.size()}; },
    [this](const msg::subscribe& msg) {
      if (auto who = sender_or(msg.who)) {
        monitor(who);
        feed_.subscribe(who, msg.everywhere);
      }
    },
    [this](register_publisher) {
      publisher_ = caf::actor_cast<caf::actor>(current_sender());
      monitor(publisher_);
    },
    [this](const stop& msg) { begin_stop(msg); },
    [this](out_of_patience) { finish_stop(); },
    [this](more_chores) { do_chores(); },
    // From bridges to other nodes.
    [this](arrival& msg) { router_.route(msg); },
    [this](const remote_room_populated& msg) { note_remote_room(msg); },
    [this](const id_held& msg) { note_remote_id(msg.what); },
    [this](const id_freed& msg) { note_remote_id_free(msg.id); },
    [this](const register_bridge& msg) { add_remote_node(msg.node); },
    [this](const forward_local& msg) { return router_.delegate_local(msg); },
    [this](const remote_event& msg) {
      feed_.on_remote_event(current_sender()->address(), msg);
    },
    // One request for both, so that the bridge gets each connection once.
    [this](watch_connections) {
      feed_.set_watching(current_sender()->address(), true);
      return list();
    },
    [this](unwatch_connections) {
      feed_.set_watching(current_sender()->address(), false);
    },
    [](fence) {},
  };
}

void registry_actor::on_exit() {
  connections_.for_each(
    [this](std::string_view, const caf::actor& who) { send(who, end_now{}); });
  connections_.for_each_ending(
    [this](const caf::actor& who) { send(who, end_now{}); });
  for (const auto& x : *relays_)
    send(x.handle, dismiss{});
  // The rooms would be destroyed as unreachable without the registry, and could
  // not send anything to their members in that state.
  rooms_.dismiss_all();
  // Breaks the cycles of handles between the registry and rooms, and the
  // registry and the core.
  core_ = nullptr;
  everyone_.clear();
  connections_.clear();
  rooms_.clear();
  router_.clear();
  feed_.clear();
  remote_nodes_.clear();
  chores_.clear();
  publisher_ = nullptr;
}

// -- connections --------------------------------------------------------------

caf::result<enlisted> registry_actor::on_enlist(const enlist& msg) {
  if (stopping_)
    return make_error(errc::already_disconnected, "the server has stopped");
  if (base::is_reserved(msg.id))
    return make_error(errc::invalid_id, std::string{msg.id});
  std::string id{msg.id};
  if (auto* old = connections_.find(msg.id); old != nullptr && msg.replaces)
    close_at_once(caf::actor{*old}, "replaced by a newer one");
  // If it replaces one on another node, that node ends it on `id_held`.
  if (connections_.contains(msg.id)
      || (!msg.replaces && remote_nodes_.claims().is_remote(id)))
    return make_error(errc::id_taken, std::move(id));
  auto who = caf::actor_cast<caf::actor>(current_sender());
  connections_.add(msg.id, who);
  monitor(who);
  everyone_.add(who);
  rooms_.update_namesake(id);
  hold_id(id);
  msg::connection_up news{std::move(id), who};
  feed_.report_connection(news);
  return enlisted{};
}

/// Removes the connection `old` and asks it to end.
void registry_actor::close_at_once(const caf::actor& old, std::string why) {
  close_info how{close_code::policy_violation, std::move(why), false, {}};
  connections_.add_ending(old);
  remove_connection(old.id(), how);
  send(old, msg::disconnect{how.code, how.reason});
}

void registry_actor::remove_connection(caf::actor_id who,
                                       const close_info& how) {
  auto gone = connections_.remove(who);
  if (!gone)
    return;
  msg::connection_down news{std::move(gone->id), how.code, how.reason};
  feed_.report_connection(news);
  free_id(news.id);
  rooms_.update_namesake(news.id);
  everyone_.let_go(who);
}

/// @returns what part of the registry `who` is, if the registry cannot work
///          without it; else "".
std::string registry_actor::part(const caf::actor_addr& who) const {
  if (publisher_.address() == who)
    return "publisher";
  auto is_who = [&](const thread_relay& x) {
    return x.handle.address() == who;
  };
  auto i = std::find_if(relays_->begin(), relays_->end(), is_who);
  if (i == relays_->end())
    return "";
  return "relay of thread " + std::to_string(i - relays_->begin());
}

void registry_actor::on_down(const caf::down_msg& msg) {
  if (auto lost = part(msg.source); !lost.empty()) {
    quit(make_error(caf::sec::runtime_error, "its " + lost + " has ended"));
    return;
  }
  // An actor of another node may have the same id.
  if (msg.source.node() == system().node())
    on_local_end(msg);
  remove_remote_node(msg.source);
  remote_nodes_.forget_replaced(msg.source);
  feed_.unsubscribe(msg.source);
  finish_stop_if_empty();
}

/// Adds work that is done in parts, with other messages between them.
void registry_actor::begin(chore_list::chore x) {
  if (chores_.empty())
    send(this, more_chores{});
  chores_.add(std::move(x));
}

void registry_actor::do_chores() {
  chores_.do_parts(parts_at_once);
  if (!chores_.empty())
    send(this, more_chores{});
}

void registry_actor::on_local_end(const caf::down_msg& msg) {
  // A connection sends `delist` before its end unless it is killed.
  close_info killed{close_code::internal_error, "killed", false, msg.reason};
  remove_connection(msg.source.id(), killed);
  forget_bot(msg.source.id());
  if (!connections_.remove_ending(msg.source.id()))
    rooms_.on_failure(caf::actor_cast<caf::actor>(msg.source));
}

// -- queries ------------------------------------------------------------------

caf::result<caf::actor> registry_actor::find(const std::string& name) const {
  if (auto* connection = connections_.find(name))
    return *connection;
  if (auto* room = rooms_.table().find(name);
      room != nullptr && !remote_nodes_.claims().is_remote(name))
    return room->handle;
  return make_error(errc::no_such_name, name);
}

caf::result<connection_info>
registry_actor::find_connection(const std::string& id) const {
  if (auto* handle = connections_.find(id))
    return connection_info{id, *handle};
  return make_error(errc::no_such_name, id);
}

std::vector<connection_info> registry_actor::list() const {
  std::vector<connection_info> res;
  connections_.for_each([&](std::string_view id, const caf::actor& handle) {
    res.push_back({std::string{id}, handle});
  });
  return res;
}

caf::result<std::vector<connection_info>>
registry_actor::list(const std::string& room) {
  using result = std::vector<connection_info>;
  if (auto* connection = connections_.find(room))
    return result{{room, *connection}};
  auto* found = rooms_.table().find(room);
  if (found == nullptr || remote_nodes_.claims().is_remote(room))
    return result{};
  result res;
  for (const auto& x : found->direct->members().handles())
    if (auto id = connections_.id_of(x.id())) // Bots have no id.
      res.push_back({std::string{*id}, x});
  return res;
}

caf::actor registry_actor::sender_or(const caf::actor& who) const {
  auto* self = const_cast<registry_actor*>(this);
  return who ? who : caf::actor_cast<caf::actor>(self->current_sender());
}

// -- members of rooms ---------------------------------------------------------

/// A connection manages its own membership, so a request for another connection
/// is delegated to that one.
caf::result<caf::message> registry_actor::join(const msg::join& msg) {
  auto who = sender_or(msg.who);
  if (!who)
    return caf::message{};
  if (is_connection_of_another(who)) {
    router_.delegate(who, caf::make_message(msg::join{msg.room, nullptr, 0}));
    return caf::message{};
  }
  if (who.node() != system().node())
    return router_.delegate_to_node_of(who, caf::make_message(msg));
  rooms_.let_in(who, msg);
  return caf::message{};
}

caf::result<caf::message> registry_actor::leave(const msg::leave& msg) {
  auto who = sender_or(msg.who);
  if (!who)
    return caf::message{};
  if (is_connection_of_another(who)) {
    router_.delegate(who, caf::make_message(msg::leave{msg.room, nullptr}));
    return caf::message{};
  }
  if (who.node() != system().node())
    return router_.delegate_to_node_of(who, caf::make_message(msg));
  auto was_member = rooms_.let_out(who, msg.room);
  return is_asked() ? caf::make_message(was_member) : caf::message{};
}

bool registry_actor::is_connection_of_another(const caf::actor& who) const {
  return who != sender_or(nullptr)
         && fast_path_to<direct_receiver>(who) != nullptr;
}

void registry_actor::forget_bot(caf::actor_id who) {
  auto rooms = rooms_.remove_bot(who);
  if (rooms.empty())
    return;
  begin([this, rooms = std::move(rooms), who]() mutable {
    rooms_.let_go(rooms.extract(rooms.begin()).value(), who);
    return !rooms.empty();
  });
}

// -- other nodes --------------------------------------------------------------

void registry_actor::add_remote_node(const std::string& name) {
  auto bridge = caf::actor_cast<caf::actor>(current_sender());
  // Messages of an earlier bridge to this node are outdated from now on.
  if (auto old = remote_nodes_.replace(name))
    forget_remote_node(std::move(*old));
  monitor(bridge);
  remote_nodes_.add(bridge, name);
  send(bridge,
       local_names{rooms_.table().populated(), remote_nodes_.claims().held()});
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
    rooms_.update_namesake(*id);
    return true;
  }
  if (auto room = remote_nodes::forget_room(gone)) {
    rooms_.set_remote(*room, gone.bridge, false);
    return true;
  }
  remote_nodes_.finish(gone);
  return false;
}

void registry_actor::note_remote_room(const remote_room_populated& msg) {
  auto* node = remote_nodes_.find(current_sender()->address());
  if (node == nullptr)
    return; // The bridge was replaced or has terminated.
  if (msg.has_members)
    node->rooms.insert(msg.room);
  else
    node->rooms.erase(msg.room);
  rooms_.set_remote(msg.room, node->bridge, msg.has_members);
}

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
  rooms_.update_namesake(x.id);
  if (!remote_nodes_.claims().is_lost(x.id))
    return;
  add_one(core_->stats.ids_lost);
  feed_.report(msg::id_lost{x.id, node->name});
  if (auto* lost = connections_.find(x.id))
    close_at_once(caf::actor{*lost}, "node " + node->name + " has this id");
}

void registry_actor::note_remote_id_free(const std::string& id) {
  auto* node = remote_nodes_.find(current_sender()->address());
  if (node == nullptr)
    return;
  remote_nodes_.free_remote_id(*node, id);
  rooms_.update_namesake(id);
}

// -- the end ------------------------------------------------------------------

void registry_actor::begin_stop(const stop& msg) {
  if (stopping_)
    return;
  stopping_ = true;
  rooms_.close();
  connections_.for_each([this](std::string_view, const caf::actor& who) {
    send(who, msg::disconnect{close_code::going_away, "the server stops"});
  });
  delayed_send(this, msg.patience, out_of_patience{});
  finish_stop_if_empty();
}

void registry_actor::finish_stop_if_empty() {
  if (stopping_ && connections_.empty())
    finish_stop();
}

void registry_actor::finish_stop() {
  // With a reason, so that linked actors end as well.
  quit(caf::exit_reason::user_shutdown);
}

} // namespace troupe::actors
