#pragma once

#include "actors/bridges.hpp"
#include "actors/connection_table.hpp"
#include "actors/subscriber_list.hpp"
#include "troupe/messages.hpp"

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/message.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe::actors {

/// Reports connections and rooms to subscribers: to actors, which subscribe to
/// this node or to all nodes, and to bridges whose nodes watch this one. Part
/// of the registry, which is the sender of the reports.
///
/// Another node reports its connections only while an actor here subscribes to
/// all nodes. Its reports carry the round of that subscription; those of an
/// earlier round are dropped.
class event_feed {
public:
  /// The connections of another node, as subscribers know them.
  struct source {
    caf::actor bridge;
    uint64_t round = 0;   ///< Of the subscription to them; 0 for none.
    bool watches = false; ///< The node watches the connections of this one.
    std::map<std::string, caf::actor> connections = {}; ///< By id.
  };

  /// @param owner the actor that this is part of.
  /// @param local the connections of this node.
  event_feed(caf::event_based_actor* owner, const connection_table& local)
    : owner_(owner),
      local_(local) {
  }

  // -- subscribers ------------------------------------------------------------

  /// Adds a subscription. With `everywhere`, sends `who` a `connection_up` for
  /// each known connection of other nodes.
  void subscribe(const caf::actor& who, bool everywhere);

  /// Removes all subscriptions of `who`.
  void unsubscribe(const caf::actor_addr& who);

  bool has_subscriber(caf::actor_id who) const {
    return subscribers_.contains(who);
  }

  // -- events of this node ----------------------------------------------------

  /// Reports a new connection of this node.
  void report_connection(const msg::connection_up& what);

  /// Reports the end of a connection of this node, but not to subscribers to
  /// all nodes if another node has a connection with this id.
  void report_connection(const msg::connection_down& what);

  /// Reports `what`, which is not about a connection of this node, to all
  /// subscribers.
  template <class T>
  void report(const T& what) {
    subscribers_.for_each(
      [&](const caf::actor& who, bool) { owner_->send(who, what); });
  }

  // -- events of other nodes --------------------------------------------------

  /// Adds the node of `bridge`, and subscribes to its connections if an actor
  /// here subscribes to all nodes.
  void add_source(const caf::actor& bridge);

  /// Removes the node of `bridge`.
  /// @returns what is known of it, for `report_next_lost`; nothing if there is
  ///          no such node.
  std::optional<source> remove_source(const caf::actor_addr& bridge);

  /// Removes one of the connections of `gone` and reports its end, unless
  /// another node, or this one, has a connection with its id.
  /// @param node the name of the node.
  /// @returns false if there was no connection left.
  bool report_next_lost(source& gone, const std::string& node);

  /// Handles an event that `bridge` reports.
  void on_remote_event(const caf::actor_addr& bridge, const remote_event& msg);

  /// Sets whether connections of this node are reported to `bridge`.
  void set_watching(const caf::actor_addr& bridge, bool watches);

  /// Forgets all subscribers and nodes.
  void clear();

private:
  source* find(const caf::actor_addr& bridge);
  bool has_remote(const std::string& id) const;
  bool is_gone_everywhere(const std::string& id) const;
  void request(source& x);
  void cancel_requests();
  void report_remote(const caf::message& what);

  template <class T>
  void tell_watching(const T& what) {
    for (const auto& x : sources_)
      if (x.watches)
        owner_->send(x.bridge, what);
  }

  caf::event_based_actor* owner_;
  const connection_table& local_;
  subscriber_list subscribers_;
  std::vector<source> sources_;
  uint64_t last_round_ = 0;
};

} // namespace troupe::actors
