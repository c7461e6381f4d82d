#pragma once

#include "actors/cluster/cluster_messages.hpp"

#include <caf/actor.hpp>

#include <functional>

namespace troupe::actors {

/// Brings a bridge together with its counterpart on the other node, regardless
/// of messages or bridges that were lost before. A bridge meets only one
/// counterpart in its life, so it is replaced if that counterpart is gone.
///
/// The two sides have different roles, since they could otherwise replace their
/// bridges in turn forever. The leading side makes a bridge and offers it; the
/// other side makes a counterpart for each offered bridge that has none.
class pairing {
public:
  struct actions {
    std::function<caf::actor()> make; ///< Returns a new bridge.
    std::function<void(const caf::actor& bridge, const caf::actor& peer)> meet;
    std::function<void(const caf::actor& bridge)> end;
  };

  /// @param leads  true on exactly one of the two sides.
  explicit pairing(bool leads) : leads_(leads) {
  }

  /// Handles the offer of the other node.
  /// @returns whether this node has to send its own offer in return.
  bool on_offer(const bridge_offer& theirs, const actions& how);

  /// Notes that the bridge of this node has terminated. The next `on_offer` may
  /// make another one.
  void lost() noexcept {
    bridge_ = nullptr;
    met_ = nullptr;
  }

  /// Returns the bridge of this node; null if there is none.
  const caf::actor& bridge() const noexcept {
    return bridge_;
  }

  /// Returns the counterpart of the bridge; null if it has none.
  const caf::actor& met() const noexcept {
    return met_;
  }

private:
  bool lead(const bridge_offer& theirs, const actions& how);
  bool follow(const bridge_offer& theirs, const actions& how);
  void meet(const caf::actor& peer, const actions& how);
  void end(const actions& how);

  bool leads_;
  caf::actor bridge_;
  caf::actor met_;
};

} // namespace troupe::actors
