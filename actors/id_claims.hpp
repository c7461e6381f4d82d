#pragma once

#include "actors/held_id.hpp"
#include "troupe/config.hpp"

#include <caf/actor.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe::actors {

/// Knows which nodes have connections with which own ids. An id of the default
/// form names its node and needs no entry. Each node announces the ids that it
/// holds. If two nodes hold the same id, both make the same decision which of
/// them keeps it: the older claim wins with `reject_new`, the newer one with
/// `replace_old`.
class id_claims {
public:
  explicit id_claims(id_conflict policy) : policy_(policy) {
  }

  /// Returns whether `id` does not name its node and therefore needs an entry.
  static bool is_own(std::string_view id) noexcept;

  /// Notes that a connection of this node has `id` from now on. The claim is
  /// newer than the one that currently wins among those of other nodes.
  /// @pre `is_own(id)`.
  const held_id& hold(const std::string& id);

  /// Notes that no connection of this node has `id` any more.
  void free(const std::string& id);

  /// Notes that the node of `bridge` holds `x.id`.
  void learn(const caf::actor& bridge, const held_id& x);

  /// Notes that the node of `bridge` does not hold `id` any more.
  void forget(const caf::actor& bridge, const std::string& id);

  /// Ignores all claims of the node of `bridge`, which is lost. The caller
  /// passes each of them to `forget` and then calls `stop_ignoring`.
  void ignore(const caf::actor& bridge);

  /// Notes that all claims of the node of `bridge` are forgotten.
  void stop_ignoring(const caf::actor& bridge);

  /// Returns whether another node holds `id`.
  bool is_remote(const std::string& id) const {
    return best(id) != nullptr;
  }

  /// Returns the bridge to the node that keeps `id` among the other nodes that
  /// hold it; null if there is none.
  caf::actor keeper(const std::string& id) const;

  /// Returns whether this node holds `id` and another node keeps it.
  bool is_lost(const std::string& id) const;

  /// Returns the claims of this node.
  std::vector<held_id> held() const;

private:
  struct foreign {
    caf::actor bridge;
    held_id what;
  };

  const foreign* best(const std::string& id) const;
  bool is_ignored(const caf::actor& bridge) const;
  bool beats(const held_id& x, const held_id& y) const noexcept;

  id_conflict policy_;
  std::unordered_map<std::string, held_id> here_;
  /// An id has more than one entry only until the conflict is resolved.
  std::unordered_map<std::string, std::vector<foreign>> remote_;
  std::vector<caf::actor> ignored_;
};

} // namespace troupe::actors
