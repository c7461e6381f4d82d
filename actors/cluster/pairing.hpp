#pragma once

#include "actors/cluster/cluster_messages.hpp"

#include <caf/actor.hpp>

#include <functional>

namespace troupe::actors {

/// Brings a link together with its counterpart on the other node, whatever got
/// lost before. A link meets one counterpart in its life, so one whose
/// counterpart is gone is spent and makes room for a fresh one.
///
/// The sides differ, or they could replace their links in turn for ever: the
/// one that leads makes a link and offers it, the other makes a counterpart for
/// each that is offered and free.
class pairing {
public:
  struct actions {
    std::function<caf::actor()> make; ///< A fresh link.
    std::function<void(const caf::actor& link, const caf::actor& peer)> meet;
    std::function<void(const caf::actor& link)> end;
  };

  /// @param leads  true on exactly one of the two sides.
  explicit pairing(bool leads) : leads_(leads) {
  }

  /// Takes in what the other node says of its link.
  /// @returns whether the other node must hear what there is here now.
  bool take(const link_offer& theirs, const actions& how);

  /// Our link is no more: the next `take` makes another.
  void lost() noexcept {
    link_ = nullptr;
    met_ = nullptr;
  }

  /// What to say to the other node; null if there is none.
  const caf::actor& link() const noexcept {
    return link_;
  }

  const caf::actor& met() const noexcept {
    return met_;
  }

private:
  bool lead(const link_offer& theirs, const actions& how);
  bool follow(const link_offer& theirs, const actions& how);
  void meet(const caf::actor& peer, const actions& how);
  void end(const actions& how);

  bool leads_;
  caf::actor link_;
  caf::actor met_; ///< Null: nobody yet.
};

} // namespace troupe::actors
