#include "actors/room_rules.hpp"

#include <algorithm>

namespace troupe::actors {

namespace {

bool matches(std::string_view pattern, std::string_view room) noexcept {
  if (!pattern.ends_with('*'))
    return room == pattern;
  pattern.remove_suffix(1);
  return room.starts_with(pattern);
}

} // namespace

void room_rules::add(std::string pattern, room_options options) {
  auto shared = std::make_shared<const room_options>(std::move(options));
  std::lock_guard guard{mutex_};
  std::erase_if(entries_, [&](const entry& x) { return x.first == pattern; });
  auto i = std::ranges::find_if(entries_, [&](const entry& x) {
    return x.first.size() < pattern.size();
  });
  entries_.emplace(i, std::move(pattern), std::move(shared));
}

std::shared_ptr<const room_options>
room_rules::find(std::string_view room) const {
  std::lock_guard guard{mutex_};
  auto i = std::ranges::find_if(entries_, [&](const entry& x) {
    return matches(x.first, room);
  });
  return i != entries_.end() ? i->second : nullptr;
}

void room_rules::clear() {
  std::lock_guard guard{mutex_};
  entries_.clear();
}

} // namespace troupe::actors
