#include "actors/service_table.hpp"

#include <utility>

namespace troupe::actors {

void service_table::add(std::string event, event_handler f) {
  auto shared = std::make_shared<const event_handler>(std::move(f));
  std::lock_guard guard{mutex_};
  // What is replaced is destroyed after the lock has ended.
  std::swap(entries_[std::move(event)], shared);
}

std::shared_ptr<const event_handler>
service_table::find(std::string_view event) const {
  std::lock_guard guard{mutex_};
  auto i = entries_.find(event);
  return i != entries_.end() ? i->second : nullptr;
}

void service_table::clear() {
  entries dropped;
  std::lock_guard guard{mutex_};
  dropped.swap(entries_);
}

} // namespace troupe::actors
