#include "actors/open_requests.hpp"

#include <algorithm>
#include <utility>

namespace troupe::actors {

uint64_t open_requests::add(callback f, time_point end) {
  entries_.emplace(++last_id_, entry{std::move(f), end});
  first_end_ = std::min(first_end_, end);
  return last_id_;
}

bool open_requests::note_sent(uint64_t id) {
  auto i = entries_.find(id);
  if (i == entries_.end())
    return false;
  i->second.is_sent = true;
  return true;
}

auto open_requests::take(uint64_t id) -> callback {
  auto node = entries_.extract(id);
  return node ? std::move(node.mapped().give) : nullptr;
}

auto open_requests::take_late(time_point now) -> std::vector<callback> {
  alarm_ = time_point::max();
  auto late = take_if([now](const entry& x) { return x.end <= now; });
  first_end_ = time_point::max();
  for (const auto& [id, x] : entries_)
    first_end_ = std::min(first_end_, x.end);
  return late;
}

auto open_requests::take_sent() -> std::vector<callback> {
  return take_if([](const entry& x) { return x.is_sent; });
}

auto open_requests::take_all() -> std::vector<callback> {
  return take_if([](const entry&) { return true; });
}

auto open_requests::next_alarm() -> std::optional<time_point> {
  if (first_end_ >= alarm_)
    return {};
  alarm_ = first_end_;
  return alarm_;
}

template <class Predicate>
auto open_requests::take_if(Predicate is_due) -> std::vector<callback> {
  std::vector<callback> taken;
  std::erase_if(entries_, [&](auto& x) {
    if (!is_due(x.second))
      return false;
    taken.push_back(std::move(x.second.give));
    return true;
  });
  return taken;
}

} // namespace troupe::actors
