#include "actors/cluster/event_queue.hpp"

#include "actors/server_core.hpp"

#include <iterator>
#include <utility>

namespace troupe::actors {

event_queue::event_queue(std::shared_ptr<bridge_counters> counters)
  : counters_(std::move(counters)),
    share_(counters_->events, most) {
}

void event_queue::add(const msg::connection_up& x) {
  push({x.id, caf::make_message(x)});
  ups_[x.id] = std::prev(queue_.end());
}

void event_queue::add(const msg::connection_down& x) {
  // If the up still waits and there are too many events, both are dropped.
  if (auto up = ups_.extract(x.id);
      !up.empty() && !share_.try_hold(queue_.size() + 1)) {
    queue_.erase(up.mapped());
    share_.hold(queue_.size());
    actors::add(counters_->events_dropped, 2);
    return;
  }
  push({x.id, caf::make_message(x)});
}

std::optional<event_report> event_queue::next() {
  if (queue_.empty())
    return {};
  if (auto up = ups_.find(queue_.front().id);
      up != ups_.end() && up->second == queue_.begin())
    ups_.erase(up);
  event_report result;
  result.what = std::move(queue_.front().what);
  queue_.pop_front();
  share_.hold(queue_.size());
  return result;
}

void event_queue::clear() {
  ups_.clear();
  queue_.clear();
  share_.hold(0);
}

void event_queue::abandon() {
  clear();
  share_.leave();
}

void event_queue::push(waiting x) {
  queue_.push_back(std::move(x));
  share_.hold(queue_.size());
}

} // namespace troupe::actors
