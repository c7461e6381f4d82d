#include "actors/event_feed.hpp"

#include <algorithm>
#include <utility>

namespace troupe::actors {

// -- subscribers --------------------------------------------------------------

void event_feed::subscribe(const caf::actor& who, bool everywhere) {
  subscribers_.add(who, everywhere);
  if (!everywhere)
    return;
  for (auto& x : sources_) {
    if (x.round == 0) {
      request(x);
      continue;
    }
    // A node reports each connection only once.
    for (const auto& [id, handle] : x.connections)
      owner_->send(who, msg::connection_up{id, handle});
  }
}

void event_feed::unsubscribe(const caf::actor_addr& who) {
  auto had_listener = subscribers_.listens_everywhere();
  subscribers_.remove(who);
  if (had_listener && !subscribers_.listens_everywhere())
    cancel_requests();
}

// -- events of this node ------------------------------------------------------

void event_feed::report_connection(const msg::connection_up& what) {
  report(what);
  tell_watching(what);
}

void event_feed::report_connection(const msg::connection_down& what) {
  auto goes_on = has_remote(what.id);
  subscribers_.for_each([&](const caf::actor& who, bool everywhere) {
    if (!everywhere || !goes_on)
      owner_->send(who, what);
  });
  tell_watching(what);
}

// -- events of other nodes ----------------------------------------------------

void event_feed::add_source(const caf::actor& bridge) {
  sources_.push_back({.bridge = bridge});
  if (subscribers_.listens_everywhere())
    request(sources_.back());
}

std::optional<event_feed::source>
event_feed::remove_source(const caf::actor_addr& bridge) {
  auto* x = find(bridge);
  if (x == nullptr)
    return std::nullopt;
  auto gone = std::move(*x);
  sources_.erase(sources_.begin() + (x - sources_.data()));
  return gone;
}

bool event_feed::report_next_lost(source& gone, const std::string& node) {
  if (gone.connections.empty())
    return false;
  auto id = gone.connections.extract(gone.connections.begin()).key();
  if (is_gone_everywhere(id))
    report_remote(caf::make_message(msg::connection_down{
      std::move(id), close_code::abnormal, "its node " + node + " is gone"}));
  return true;
}

void event_feed::on_remote_event(const caf::actor_addr& bridge,
                                 const remote_event& msg) {
  auto* from = find(bridge);
  if (from == nullptr || msg.round != from->round)
    return;
  const auto& what = msg.what;
  bool is_news = false;
  if (what.match_elements<msg::connection_up>()) {
    const auto& x = what.get_as<msg::connection_up>(0);
    is_news = from->connections.emplace(x.id, x.handle).second;
  } else if (what.match_elements<msg::connection_down>()) {
    const auto& id = what.get_as<msg::connection_down>(0).id;
    is_news = from->connections.erase(id) > 0 && is_gone_everywhere(id);
  }
  if (is_news)
    report_remote(what);
}

void event_feed::set_watching(const caf::actor_addr& bridge, bool watches) {
  if (auto* x = find(bridge))
    x->watches = watches;
}

void event_feed::clear() {
  subscribers_.clear();
  sources_.clear();
}

event_feed::source* event_feed::find(const caf::actor_addr& bridge) {
  for (auto& x : sources_)
    if (x.bridge == bridge)
      return &x;
  return nullptr;
}

/// Returns whether another node has reported a connection with this id.
bool event_feed::has_remote(const std::string& id) const {
  return std::any_of(sources_.begin(), sources_.end(), [&](const source& x) {
    return x.connections.contains(id);
  });
}

/// Returns whether no node has a connection with this id. Two nodes may have
/// the same id for a moment, and a lost node may return before all of its
/// connections are forgotten; neither must be reported as an end.
bool event_feed::is_gone_everywhere(const std::string& id) const {
  return !local_.contains(id) && !has_remote(id);
}

/// Subscribes to the connections of `x`.
void event_feed::request(source& x) {
  x.round = ++last_round_;
  owner_->send(x.bridge, events_wanted{x.round});
}

/// Ends the subscriptions to all nodes.
void event_feed::cancel_requests() {
  for (auto& x : sources_) {
    x.connections.clear();
    if (std::exchange(x.round, 0) != 0)
      owner_->send(x.bridge, events_wanted{0});
  }
}

/// Reports an event of another node to the subscribers to all nodes.
void event_feed::report_remote(const caf::message& what) {
  subscribers_.for_each([&](const caf::actor& who, bool everywhere) {
    if (everywhere)
      who->enqueue(caf::make_mailbox_element(owner_->current_sender(),
                                             caf::make_message_id(), {}, what),
                   owner_->context());
  });
}

} // namespace troupe::actors
