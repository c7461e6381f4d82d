#include "actors/cluster/interest.hpp"

#include <utility>

namespace troupe::actors {

void interest::note(const std::string& room, bool has_members) {
  if (!has_members) {
    if (told_.contains(room))
      vacant_.emplace(room, false);
    return;
  }
  vacant_.erase(room);
  if (told_.insert(room).second && vacated_.erase(room) == 0)
    populated_.insert(room);
}

void interest::note(held_id x) {
  freed_.erase(x.id); // The new claim replaces the reported one.
  held_.insert_or_assign(x.id, x);
  ids_.insert_or_assign(x.id, std::move(x));
}

void interest::note_free(const std::string& id) {
  if (ids_.erase(id) == 0)
    return;
  held_.erase(id);
  freed_.insert(id);
}

void interest::begin_anew() {
  is_snapshot_ = true;
  populated_ = told_;
  vacated_.clear();
  held_ = ids_;
  freed_.clear();
}

void interest::tick() {
  for (auto i = vacant_.begin(); i != vacant_.end();) {
    if (!std::exchange(i->second, true)) {
      ++i;
      continue;
    }
    told_.erase(i->first);
    if (populated_.erase(i->first) == 0)
      vacated_.insert(i->first);
    i = vacant_.erase(i);
  }
}

std::optional<interest_update> interest::next() {
  if (size() == 0 && !is_snapshot_)
    return {};
  interest_update result;
  result.number = ++last_number_;
  result.is_snapshot = std::exchange(is_snapshot_, false);
  result.vacated = take(vacated_);
  result.populated = take(populated_);
  result.freed = take(freed_);
  result.held = take(held_);
  return result;
}

std::vector<std::string> interest::take(std::unordered_set<std::string>& from) {
  std::vector<std::string> result;
  while (!from.empty() && result.size() < most_names)
    result.push_back(std::move(from.extract(from.begin()).value()));
  return result;
}

std::vector<held_id> interest::take(id_map& from) {
  std::vector<held_id> result;
  while (!from.empty() && result.size() < most_names)
    result.push_back(std::move(from.extract(from.begin()).mapped()));
  return result;
}

} // namespace troupe::actors
