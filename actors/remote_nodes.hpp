#pragma once

#include "actors/held_id.hpp"
#include "actors/id_claims.hpp"
#include "troupe/config.hpp"

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>

#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace troupe::actors {

/// The other nodes of a server as its registry knows them: the bridge to each
/// node, the rooms with members there, and the own ids that it holds. A removed
/// node is returned to the caller, who forgets its ids and rooms one by one.
class remote_nodes {
public:
  struct node {
    caf::actor bridge;
    std::string name;
    std::set<std::string> rooms = {}; ///< With members there.
    std::set<std::string> ids = {};   ///< Own ids that it holds.
  };

  explicit remote_nodes(id_conflict policy) : claims_(policy) {
  }

  // -- nodes ------------------------------------------------------------------

  /// Adds a node without rooms and ids.
  /// @pre there is no node of this name.
  void add(const caf::actor& bridge, const std::string& name);

  /// Removes the node of `bridge`. Its claims to ids are ignored.
  /// @returns the node, for `forget_id` and `forget_room` and then `finish`;
  ///          nothing if there is no such node.
  std::optional<node> remove(const caf::actor_addr& bridge);

  /// Removes the node called `name`, since a new bridge replaces its bridge.
  /// @returns the same as `remove`.
  std::optional<node> replace(const std::string& name);

  /// Returns whether `bridge` was replaced and has not terminated.
  bool is_replaced(const caf::actor_addr& bridge) const {
    return replaced_.contains(bridge);
  }

  /// Notes that the actor `bridge` has terminated.
  void forget_replaced(const caf::actor_addr& bridge) {
    replaced_.erase(bridge);
  }

  /// @returns the node of `bridge`, or null. Adding or removing a node
  ///          invalidates the pointer.
  node* find(const caf::actor_addr& bridge);

  /// @returns the node of this name, or null.
  const node* find_by_name(const std::string& name) const;

  /// @returns the node that has the connection `id`, or null if it is unknown.
  ///          An id of the default form names its node.
  const node* node_of_connection(const std::string& id) const;

  auto begin() const noexcept {
    return nodes_.begin();
  }

  auto end() const noexcept {
    return nodes_.end();
  }

  std::vector<caf::actor> bridges() const;

  // -- own ids ----------------------------------------------------------------

  /// Returns the claims of all nodes to ids, this node included.
  const id_claims& claims() const noexcept {
    return claims_;
  }

  /// Notes that a connection of this node has `id`.
  /// @pre `id_claims::is_own(id)`
  const held_id& hold_local_id(const std::string& id) {
    return claims_.hold(id);
  }

  /// Notes that no connection of this node has `id`.
  void free_local_id(const std::string& id) {
    claims_.free(id);
  }

  /// Notes that a connection of `x` has an id.
  void hold_remote_id(node& x, const held_id& id);

  /// Notes that no connection of `x` has `id`.
  void free_remote_id(node& x, const std::string& id);

  // -- removed nodes ----------------------------------------------------------

  /// Forgets one of the ids of `gone`.
  /// @returns the id; nothing if all are forgotten.
  std::optional<std::string> forget_id(node& gone);

  /// Forgets one of the rooms of `gone`.
  /// @returns the room; nothing if all are forgotten.
  static std::optional<std::string> forget_room(node& gone);

  /// Forgets `gone`.
  /// @pre all of its ids are forgotten.
  void finish(const node& gone) {
    claims_.stop_ignoring(gone.bridge);
  }

  /// Forgets all nodes, but not the claims to ids.
  void clear() {
    nodes_.clear();
  }

private:
  std::optional<node> extract(std::vector<node>::iterator i);

  std::vector<node> nodes_;
  id_claims claims_;
  std::unordered_set<caf::actor_addr> replaced_;
};

} // namespace troupe::actors
