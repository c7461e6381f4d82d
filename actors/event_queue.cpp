#include "actors/event_queue.hpp"

#include "actors/server_core.hpp"

#include <utility>

namespace troupe::actors {

event_queue::event_queue(std::shared_ptr<link_counters> counters)
  : counters_(std::move(counters)) {
}

void event_queue::add(const connection_up& x) {
  ups_[x.id] = queue_.insert(queue_.end(), {x.id, caf::make_message(x)});
}

void event_queue::add(const connection_down& x) {
  // With its up under way, or with few that wait, it is told in any case.
  if (auto up = ups_.extract(x.id); !up.empty() && queue_.size() >= most) {
    queue_.erase(up.mapped());
    actors::add(counters_->events_dropped, 2);
    return;
  }
  queue_.push_back({x.id, caf::make_message(x)});
}

std::optional<event> event_queue::next() {
  if (queue_.empty())
    return {};
  if (auto up = ups_.find(queue_.front().id);
      up != ups_.end() && up->second == queue_.begin())
    ups_.erase(up);
  event result{std::move(queue_.front().what)};
  queue_.pop_front();
  return result;
}

} // namespace troupe::actors
