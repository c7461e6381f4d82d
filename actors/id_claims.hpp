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

/// Which connections of a cluster have which ids, as far as the ids are a
/// program's own: an id of the default form names its node and needs no entry.
/// Each node tells the others what it holds. If two hold one id, both come to
/// the same conclusion which of them keeps it: with `reject_new` the older
/// claim, with `replace_old` the newer one.
class id_claims {
public:
  explicit id_claims(id_conflict policy) : policy_(policy) {
  }

  /// Whether `id` needs an entry.
  static bool is_own(std::string_view id) noexcept;

  /// A connection of this node has `id` from now on. Its claim is newer than
  /// all that are known.
  /// @pre `is_own(id)`.
  const held_id& hold(const std::string& id);

  /// None has it any more.
  void free(const std::string& id);

  /// The node of `bridge` holds this.
  void learn(const caf::actor& bridge, const held_id& x);

  /// The node of `bridge` does not hold it any more.
  void forget(const caf::actor& bridge, const std::string& id);

  /// The node of `bridge` is gone: what it held counts no more, and is to be
  /// forgotten one by one.
  void ignore(const caf::actor& bridge);

  /// That is done.
  void stop_ignoring(const caf::actor& bridge);

  /// Whether another node holds it.
  bool is_remote(const std::string& id) const {
    return best(id) != nullptr;
  }

  /// The bridge to the node that keeps `id`, of those that hold it; null if
  /// none does.
  caf::actor keeper(const std::string& id) const;

  /// Whether another node holds what we hold, and keeps it.
  bool is_lost(const std::string& id) const;

  /// All that this node holds.
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
  /// More than one for each only until they have settled it.
  std::unordered_map<std::string, std::vector<foreign>> remote_;
  std::vector<caf::actor> ignored_;
};

} // namespace troupe::actors
