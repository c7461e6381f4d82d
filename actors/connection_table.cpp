#include "actors/connection_table.hpp"

#include <utility>

namespace troupe::actors {

void connection_table::add(std::string_view id, const caf::actor& who) {
  by_id_.emplace(id, who);
  ids_.emplace(who.id(), id);
}

std::optional<connection_table::entry>
connection_table::remove(caf::actor_id who) {
  auto i = ids_.find(who);
  if (i == ids_.end())
    return std::nullopt;
  auto id = i->second;
  ids_.erase(i);
  auto j = by_id_.find(id);
  // The copy of the handle keeps the id valid, which is the key of `by_id_`.
  entry gone{std::string{id}, j->second};
  by_id_.erase(j);
  return gone;
}

std::optional<std::string_view>
connection_table::id_of(caf::actor_id who) const {
  auto i = ids_.find(who);
  return i != ids_.end() ? std::optional{i->second} : std::nullopt;
}

std::vector<connection_info>
connection_table::some(const name_filter& which) const {
  std::vector<connection_info> result;
  for (const auto& [id, handle] : by_id_) {
    if (result.size() == which.most)
      break;
    if (which.matches(id))
      result.push_back({std::string{id}, handle});
  }
  return result;
}

void connection_table::clear() {
  by_id_.clear();
  ids_.clear();
  ending_.clear();
}

} // namespace troupe::actors
