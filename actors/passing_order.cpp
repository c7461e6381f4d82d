#include "actors/passing_order.hpp"

namespace troupe::actors {

void passing_order::note(const sender& who, const caf::actor& keeps,
                         direct_channel* where) {
  auto i = last_.find(who);
  if (i != last_.end() && i->second.at != where)
    i->second.at->flush();
  if (where != nullptr)
    last_.insert_or_assign(who, place{keeps, where});
  else if (i != last_.end())
    last_.erase(i);
}

void passing_order::send_off() {
  for (auto& [who, x] : std::exchange(last_, {}))
    x.at->flush();
}

} // namespace troupe::actors
