#include "actors/cluster/pairing.hpp"

namespace troupe::actors {

bool pairing::on_offer(const bridge_offer& theirs, const actions& how) {
  return leads_ ? lead(theirs, how) : follow(theirs, how);
}

bool pairing::lead(const bridge_offer& theirs, const actions& how) {
  auto is_spent = met_ && (met_ != theirs.bridge || bridge_ != theirs.met);
  if (is_spent)
    end(how);
  if (!bridge_)
    bridge_ = how.make();
  if (theirs.met != bridge_ || !theirs.bridge)
    return true;
  if (!met_)
    meet(theirs.bridge, how);
  return false;
}

bool pairing::follow(const bridge_offer& theirs, const actions& how) {
  auto is_free = theirs.bridge && (!theirs.met || theirs.met == bridge_);
  if (bridge_ && (!is_free || met_ != theirs.bridge))
    end(how);
  if (!bridge_ && is_free) {
    bridge_ = how.make();
    meet(theirs.bridge, how);
  }
  return !bridge_ || theirs.met != bridge_;
}

void pairing::meet(const caf::actor& peer, const actions& how) {
  met_ = peer;
  how.meet(bridge_, met_);
}

void pairing::end(const actions& how) {
  how.end(bridge_);
  bridge_ = nullptr;
  met_ = nullptr;
}

} // namespace troupe::actors
