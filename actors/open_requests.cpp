#include "actors/open_requests.hpp"

#include <utility>

namespace troupe::actors {

uint64_t open_requests::add(callback f) {
  waiting_.emplace(++last_id_, std::move(f));
  return last_id_;
}

void open_requests::settle(uint64_t id, const result& x) {
  auto i = waiting_.find(id);
  if (i == waiting_.end())
    return;
  auto f = std::move(i->second); // It may send the next request.
  waiting_.erase(i);
  f(x);
}

void open_requests::settle_all(const refusal& why) {
  for (auto& [id, f] : std::exchange(waiting_, {}))
    f(why);
}

} // namespace troupe::actors
