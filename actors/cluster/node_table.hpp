#pragma once

#include "actors/cluster/bridge_counters.hpp"

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>
#include <caf/actor_clock.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/timespan.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe::actors {

/// The nodes that a membership knows: those that are up, and those that it has
/// greeted, that is, sent a `hello` that is not answered yet. The owner
/// monitors a node's membership as long as the node is known.
class node_table {
public:
  using time_point = caf::actor_clock::time_point;

  /// A node that is up.
  struct peer {
    std::string name;
    std::string address = {};
    uint64_t incarnation = 0;
    caf::actor membership = {};
    time_point heard = {}; ///< When it last gave a sign of life.
    std::shared_ptr<bridge_counters> counters = {};
  };

  /// @param owner the actor that this is part of.
  explicit node_table(caf::event_based_actor* owner) : owner_(owner) {
  }

  // -- nodes that are up ------------------------------------------------------

  /// All of them, by name.
  const std::map<std::string, peer>& peers() const noexcept {
    return peers_;
  }

  std::vector<std::string> names() const;

  bool is_up(const std::string& node) const {
    return peers_.count(node) != 0;
  }

  /// @returns the node of `membership`, or null if it is not up.
  peer* find(const caf::actor_addr& membership);

  /// The same for a name.
  const peer* find(const std::string& node) const;

  /// Adds a node, unless it is up.
  /// @returns the node, and whether it was added.
  std::pair<peer&, bool> add(const std::string& node);

  /// Notes that `membership` is the one of `x`.
  void set_membership(peer& x, const caf::actor& membership);

  /// Removes a node.
  /// @pre it is up.
  peer remove(const std::string& node);

  /// @returns the nodes that `node`, a process at `address`, replaces: those of
  ///          its name or address with another incarnation.
  std::vector<std::string> forerunners(const std::string& node,
                                       const std::string& address,
                                       uint64_t incarnation) const;

  /// @returns the nodes without a sign of life since `t`.
  std::vector<std::string> silent_since(time_point t) const;

  // -- nodes that were greeted ------------------------------------------------

  /// Notes that `membership` was sent a `hello`.
  /// @param address where it was dialed; empty if it was not.
  void greet(const caf::actor& membership, const std::string& address,
             time_point now);

  /// Whether `membership` is that of a node that is up or was greeted.
  bool is_known(const caf::actor_addr& membership) const;

  /// @returns who was greeted at `t` or before.
  std::vector<caf::actor_addr> greeted_before(time_point t) const;

  /// Ends the greetings of `membership`.
  /// @returns the addresses where it was dialed.
  std::vector<std::string> end_greetings(const caf::actor_addr& membership);

  // -- all --------------------------------------------------------------------

  /// @returns when the first node has been silent for `timeout`, or `max`.
  time_point first_timeout(caf::timespan timeout) const;

  /// Forgets all nodes.
  void clear();

private:
  struct greeting {
    caf::actor membership;
    std::string address;
    time_point since;
  };

  void watch(const caf::actor& membership);
  void unwatch(const caf::actor_addr& membership);

  caf::event_based_actor* owner_;
  std::map<std::string, peer> peers_;
  std::vector<greeting> greeted_;
};

} // namespace troupe::actors
