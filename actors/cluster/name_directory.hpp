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

/// Which actors are known by name on which node. A node only says what is true
/// of its own, so that nothing has to be agreed upon.
class name_directory {
public:
  /// Called with each change.
  struct observer {
    std::function<void(const named_actor&)> up;
    std::function<void(const named_actor&)> down;
  };

  /// The name under which this node's own actors are kept: lower than others,
  /// so that they are found first.
  static inline const std::string own;

  explicit name_directory(observer tell);

  /// Makes `who` known as one of `node`'s; replaces another of the name.
  void add(const std::string& node, const named_actor& who);

  void remove(const std::string& node, const std::string& name);

  /// What `node` has is `xs` and nothing else.
  void replace(const std::string& node, const std::vector<named_actor>& xs);

  /// Removes all that `node` has.
  void drop(const std::string& node);

  /// Removes the names of this node's own that are `who`'s.
  /// @returns them.
  std::vector<std::string> drop_own(const caf::actor_addr& who);

  /// The actor of the lowest node that has one; null if none has.
  caf::actor find(const std::string& name) const;

  /// This node's own actor; null if there is none.
  caf::actor find_own(const std::string& name) const;

  std::vector<named_actor> list(const std::string& node) const;

  /// Those of all nodes.
  std::vector<named_actor> list() const;

private:
  using names = std::map<std::string, caf::actor>;

  void forget_own(const caf::actor& who, const std::string& name);

  observer tell_;
  std::map<std::string, names> nodes_;
  std::unordered_multimap<caf::actor_id, std::string> own_names_;
};

} // namespace troupe::actors
