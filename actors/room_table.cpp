#include "actors/room_table.hpp"

namespace troupe::actors {

void room_table::room::set_remote(const caf::actor& bridge, bool populated) {
  std::erase(bridges, bridge);
  if (populated)
    bridges.push_back(bridge);
}

room_table::room& room_table::add(const std::string& name, caf::actor handle,
                                  room_actor* direct) {
  room x{.handle = std::move(handle), .direct = direct};
  return rooms_.emplace(name, std::move(x)).first->second;
}

std::vector<room_info> room_table::some(const name_filter& which) const {
  std::vector<room_info> result;
  for (const auto& [name, x] : rooms_) {
    if (result.size() == which.most)
      break;
    if (which.matches(name))
      result.push_back({name, x.handle});
  }
  return result;
}

std::vector<std::string> room_table::populated() const {
  std::vector<std::string> result;
  for (const auto& [name, x] : rooms_)
    if (x.has_members)
      result.push_back(name);
  return result;
}

} // namespace troupe::actors
