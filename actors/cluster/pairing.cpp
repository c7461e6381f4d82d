#include "actors/cluster/pairing.hpp"

namespace troupe::actors {

bool pairing::take(const link_offer& theirs, const actions& how) {
  return leads_ ? lead(theirs, how) : follow(theirs, how);
}

bool pairing::lead(const link_offer& theirs, const actions& how) {
  auto is_spent = met_ && (met_ != theirs.link || link_ != theirs.met);
  if (is_spent)
    end(how);
  if (!link_)
    link_ = how.make();
  if (theirs.met != link_ || !theirs.link)
    return true;
  if (!met_)
    meet(theirs.link, how);
  return false;
}

bool pairing::follow(const link_offer& theirs, const actions& how) {
  auto is_free = theirs.link && (!theirs.met || theirs.met == link_);
  if (link_ && (!is_free || met_ != theirs.link))
    end(how);
  if (!link_ && is_free) {
    link_ = how.make();
    meet(theirs.link, how);
  }
  return !link_ || theirs.met != link_;
}

void pairing::meet(const caf::actor& peer, const actions& how) {
  met_ = peer;
  how.meet(link_, met_);
}

void pairing::end(const actions& how) {
  how.end(link_);
  link_ = nullptr;
  met_ = nullptr;
}

} // namespace troupe::actors
