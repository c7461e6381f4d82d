#pragma once

#include "actors/cluster/cluster_messages.hpp"

#include <caf/actor.hpp>

#include <functional>

namespace troupe::actors {

/// Brings a bridge together with its counterpart on the other node, whatever
/// got lost before. A bridge meets one counterpart in its life, so one whose
/// counterpart is gone is spent and makes room for a fresh one.
///
/// The sides differ, or they could replace their bridges in turn for ever: the
/// one that leads makes a bridge and offers it, the other makes a counterpart
/// for each that is offered and free.
class pairing {
public:
  struct actions {
    std::function<caf::actor()> make; ///< A fresh bridge.
    std::function<void(const caf::actor& bridge, const caf::actor& peer)> meet;
    std::function<void(const caf::actor& bridge)> end;
  };

  /// @param leads  true on exactly one of the two sides.
  explicit pairing(bool leads) : leads_(leads) {
  }

  /// Takes in what the other node says of its bridge.
  /// @returns whether the other node must hear what there is here now.
  bool on_offer(const bridge_offer& theirs, const actions& how);

  /// Our bridge is no more: the next `on_offer` makes another.
  void lost() noexcept {
    bridge_ = nullptr;
    met_ = nullptr;
  }

  /// What to say to the other node; null if there is none.
  const caf::actor& bridge() const noexcept {
    return bridge_;
  }

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
  caf::actor met_; ///< Null: nobody yet.
};

} // namespace troupe::actors
