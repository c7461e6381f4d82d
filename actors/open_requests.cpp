#include "actors/open_requests.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace troupe::actors {

auto open_requests::first_end() const noexcept -> time_point {
  auto first = time_point::max();
  for (const auto& [id, x] : waiting_)
    first = std::min(first, x.end);
  return first;
}

uint64_t open_requests::add(callback f, time_point end) {
  waiting_.emplace(++last_id_, entry{std::move(f), end});
  return last_id_;
}

void open_requests::settle(uint64_t id, const result& x) {
  auto i = waiting_.find(id);
  if (i == waiting_.end())
    return;
  auto f = std::move(i->second.give); // It may send the next request.
  waiting_.erase(i);
  f(x);
}

void open_requests::settle_late(time_point now, const refusal& why) {
  std::vector<uint64_t> late; // A callback may send the next request.
  for (const auto& [id, x] : waiting_)
    if (x.end <= now)
      late.push_back(id);
  for (auto id : late)
    settle(id, why);
}

void open_requests::settle_all(const refusal& why) {
  for (auto& [id, x] : std::exchange(waiting_, {}))
    x.give(why);
}

} // namespace troupe::actors
