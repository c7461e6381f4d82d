#include "actors/bot_table.hpp"

#include <utility>

namespace troupe::actors {

bool bot_table::add(const caf::actor& who, const std::string& room) {
  auto [i, is_new] = entries_.try_emplace(who.id(), entry{who, {}});
  i->second.rooms.insert(room);
  return is_new;
}

caf::actor bot_table::remove(caf::actor_id who, const std::string& room) {
  auto i = entries_.find(who);
  if (i == entries_.end())
    return nullptr;
  i->second.rooms.erase(room);
  if (!i->second.rooms.empty())
    return nullptr;
  auto handle = std::move(i->second.handle);
  entries_.erase(i);
  return handle;
}

std::set<std::string> bot_table::extract(caf::actor_id who) {
  auto gone = entries_.extract(who);
  return gone.empty() ? std::set<std::string>{}
                      : std::move(gone.mapped().rooms);
}

} // namespace troupe::actors
