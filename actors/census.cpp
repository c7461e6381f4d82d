#include "actors/census.hpp"

#include <utility>

namespace troupe::actors {

void census::note(const std::string& room, bool has_members) {
  if (!has_members) {
    if (told_.count(room) != 0)
      vacant_.emplace(room, false);
    return;
  }
  vacant_.erase(room);
  if (told_.insert(room).second)
    populated_.push_back(room);
}

void census::begin_anew() {
  is_snapshot_ = true;
  populated_.assign(told_.begin(), told_.end());
  vacated_.clear();
}

void census::tick() {
  for (auto i = vacant_.begin(); i != vacant_.end();) {
    if (!std::exchange(i->second, true)) {
      ++i;
      continue;
    }
    told_.erase(i->first);
    vacated_.push_back(i->first);
    i = vacant_.erase(i);
  }
}

std::optional<population> census::next() {
  if (populated_.empty() && vacated_.empty() && !is_snapshot_)
    return {};
  population result;
  result.number = ++last_number_;
  result.is_snapshot = std::exchange(is_snapshot_, false);
  result.vacated = std::exchange(vacated_, {});
  while (!populated_.empty() && result.populated.size() < most_names) {
    result.populated.push_back(std::move(populated_.back()));
    populated_.pop_back();
  }
  return result;
}

} // namespace troupe::actors
