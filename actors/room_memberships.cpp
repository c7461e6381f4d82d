#include "actors/room_memberships.hpp"

namespace troupe::actors {

bool room_memberships::contains(const std::string& name) const {
  auto i = rooms_.find(name);
  return i != rooms_.end() && i->second.is_member;
}

std::vector<std::string> room_memberships::names() const {
  std::vector<std::string> res;
  for (const auto& [name, x] : rooms_)
    if (x.is_member)
      res.push_back(name);
  return res;
}

void room_memberships::join(const std::string& name) {
  auto& x = rooms_[name];
  x.is_member = true;
  ++x.asked;
  ++size_;
}

void room_memberships::on_joined(const std::string& name,
                                 const caf::actor& room) {
  auto i = rooms_.find(name);
  if (i == rooms_.end())
    return;
  auto& x = i->second;
  if (x.asked > 0)
    --x.asked;
  // The room may end and be created again until later joins are answered.
  if (x.is_member && x.asked == 0)
    x.way = {room, fast_path_to<direct_channel>(room)};
  forget_if_settled(i);
}

void room_memberships::on_refused(const std::string& name) {
  auto i = rooms_.find(name);
  if (i == rooms_.end())
    return;
  if (i->second.asked > 0)
    --i->second.asked;
  hide(i->second);
  forget_if_settled(i);
}

void room_memberships::forget_if_settled(table::iterator i) {
  if (!i->second.is_member && i->second.asked == 0)
    rooms_.erase(i);
}

} // namespace troupe::actors
