#include "actors/room_rules.hpp"

#include <algorithm>

namespace troupe::actors {

namespace {

bool is_prefix(std::string_view pattern) noexcept {
  return pattern.ends_with('*');
}

/// Returns how specific a pattern is. Of the patterns that match a room, its
/// name has the greatest rank.
size_t rank(std::string_view pattern) noexcept {
  return is_prefix(pattern) ? pattern.size() - 1 : pattern.size() + 1;
}

bool matches(std::string_view pattern, std::string_view room) noexcept {
  if (!is_prefix(pattern))
    return room == pattern;
  pattern.remove_suffix(1);
  return room.starts_with(pattern);
}

} // namespace

void room_rules::add(std::string pattern, room_options options) {
  auto shared = std::make_shared<const room_options>(std::move(options));
  std::lock_guard guard{mutex_};
  auto same = std::ranges::find(entries_, pattern, &entry::first);
  if (same != entries_.end()) {
    // What is replaced is destroyed after the lock has ended.
    std::swap(same->second, shared);
    return;
  }
  auto i = std::ranges::find_if(entries_, [&](const entry& x) {
    return rank(x.first) < rank(pattern);
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
  std::vector<entry> dropped;
  std::lock_guard guard{mutex_};
  dropped.swap(entries_);
}

} // namespace troupe::actors
