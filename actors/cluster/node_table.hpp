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

/// The nodes that a membership knows: nodes that are up, and nodes that have
/// been greeted, that is, have been sent a `hello` and have not answered yet.
/// The owner monitors the membership actor of a node as long as the node is
/// known.
class node_table {
public:
  using time_point = caf::actor_clock::time_point;

  /// A node that is up.
  struct peer {
    std::string name;
    std::string address = {};
    uint64_t incarnation = 0;
    caf::actor membership = {};
    time_point heard = {}; ///< When it last sent a `hello` or `heartbeat`.
    std::shared_ptr<bridge_counters> counters = {};
  };

  /// @param owner the membership actor.
  explicit node_table(caf::event_based_actor* owner) : owner_(owner) {
  }

  // -- nodes that are up ------------------------------------------------------

  /// Returns the nodes that are up, by name.
  const std::map<std::string, peer>& peers() const noexcept {
    return peers_;
  }

  std::vector<std::string> names() const;

  bool is_up(const std::string& node) const {
    return peers_.contains(node);
  }

  /// @returns the node of `membership`, or null if it is not up.
  peer* find(const caf::actor_addr& membership);

  /// Returns the node with this name, or null if it is not up.
  const peer* find(const std::string& node) const;

  /// Adds a node, unless it is up.
  /// @returns the node, and whether it was added.
  std::pair<peer&, bool> add(const std::string& node);

  /// Sets the membership actor of `x`.
  void set_membership(peer& x, const caf::actor& membership);

  /// Removes a node.
  /// @pre it is up.
  peer remove(const std::string& node);

  /// @returns the nodes that `node`, a process at `address`, replaces: those
  ///          with its name or address and another incarnation.
  std::vector<std::string> forerunners(const std::string& node,
                                       const std::string& address,
                                       uint64_t incarnation) const;

  /// @returns the nodes that have sent no `hello` or `heartbeat` after `t`.
  std::vector<std::string> silent_since(time_point t) const;

  // -- nodes that were greeted ------------------------------------------------

  /// Notes that `membership` was sent a `hello`.
  /// @param address the dialed address; empty if the node was not dialed.
  void greet(const caf::actor& membership, const std::string& address,
             time_point now);

  /// Returns whether `membership` belongs to a node that is up or was greeted.
  bool is_known(const caf::actor_addr& membership) const;

  /// @returns the membership actors that were greeted at `t` or before.
  std::vector<caf::actor_addr> greeted_before(time_point t) const;

  /// Ends all greetings of `membership`.
  /// @returns the addresses at which it was dialed.
  std::vector<std::string> end_greetings(const caf::actor_addr& membership);

  // -- all --------------------------------------------------------------------

  /// @returns the earliest time at which a known node will have been silent for
  ///          `timeout`, or `time_point::max()` if there are no nodes.
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
