#include "actors/subscriber_list.hpp"

namespace troupe::actors {

void subscriber_list::add(const caf::actor& who, bool everywhere) {
  entries_.emplace(who.id(), entry{who, everywhere});
  everywhere_ += everywhere ? 1 : 0;
}

void subscriber_list::remove(const caf::actor_addr& who) {
  auto [i, last] = entries_.equal_range(who.id());
  while (i != last) {
    // Actors on different nodes may have the same id.
    if (i->second.who.address() != who) {
      ++i;
      continue;
    }
    everywhere_ -= i->second.everywhere ? 1 : 0;
    i = entries_.erase(i);
  }
}

void subscriber_list::clear() {
  entries_.clear();
  everywhere_ = 0;
}

} // namespace troupe::actors
