#pragma once

#include "actors/cluster/cluster_messages.hpp"

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>

#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::actors {

/// The actors that are registered under a name on each node. Each node
/// announces only its own actors, so nodes need not agree on anything.
class name_directory {
public:
  /// Called with each change.
  struct observer {
    std::function<void(const named_actor&)> up;
    std::function<void(const named_actor&)> down;
  };

  /// The name of the node under which this node's own actors are stored. Empty,
  /// thus lower than all others, so that own actors are found first.
  static inline const std::string own;

  explicit name_directory(observer tell);

  /// Adds an actor of `node`. Replaces another one with the same name.
  void add(const std::string& node, const named_actor& who);

  void remove(const std::string& node, const std::string& name);

  /// Replaces all actors of `node` by `xs`.
  void replace(const std::string& node, const std::vector<named_actor>& xs);

  /// Removes all actors of `node`.
  void drop(const std::string& node);

  /// Removes all names of `who`, one of this node's own actors.
  /// @returns the removed names.
  std::vector<std::string> drop_own(const caf::actor_addr& who);

  /// Returns the actor with this name on the lowest node that has one; null if
  /// there is none.
  caf::actor find(const std::string& name) const;

  /// Returns this node's own actor with this name; null if there is none.
  caf::actor find_own(const std::string& name) const;

  std::vector<named_actor> list(const std::string& node) const;

  /// Returns the actors of all nodes.
  std::vector<named_actor> list() const;

private:
  using names = std::map<std::string, caf::actor>;

  void forget_own(const caf::actor& who, const std::string& name);

  observer tell_;
  std::map<std::string, names> nodes_;
  std::unordered_multimap<caf::actor_id, std::string> own_names_;
};

} // namespace troupe::actors
