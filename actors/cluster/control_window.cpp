#include "actors/cluster/control_window.hpp"

#include "actors/bridges.hpp"
#include "troupe/messages.hpp"

#include <algorithm>
#include <utility>

namespace troupe::actors {

namespace {

/// Size of types, numbers and a handle.
constexpr size_t base = 64;

size_t size_of(const std::vector<std::string>& names) {
  size_t result = 0;
  for (const auto& x : names)
    result += x.size() + 4;
  return result;
}

/// Counts only frames, which may have any size. Names and ids have at most 255
/// bytes.
size_t size_of(const caf::message& what) {
  if (what.match_elements<msg::emit>())
    return base + what.get_as<msg::emit>(0).message.payload().size();
  if (what.match_elements<msg::publish>())
    return base + what.get_as<msg::publish>(0).message.payload().size();
  return 4 * base;
}

} // namespace

control_window::control_window(std::shared_ptr<bridge_counters> counters)
  : counters_(std::move(counters)),
    window_(least_bytes, most_bytes) {
}

void control_window::sent(size_t bytes, time_point now) {
  // The number of bridges may have changed.
  auto bridges = counters_->queue.shares();
  window_.set_bounds(least_bytes / bridges, most_bytes / bridges);
  auto size = std::max(bytes, least_size);
  under_way_.push_back(size);
  window_.sent(size, now);
}

void control_window::done(uint64_t count, time_point now) {
  size_t size = 0;
  for (; done_ < count && !under_way_.empty(); ++done_) {
    size += under_way_.front();
    under_way_.pop_front();
  }
  window_.done(size, now);
}

size_t size_of(const interest_update& x) {
  auto result = base + size_of(x.populated) + size_of(x.vacated)
                + size_of(x.freed);
  for (const auto& y : x.held)
    result += y.id.size() + 20;
  return result;
}

size_t size_of(const event_report& x) {
  if (x.what.match_elements<msg::connection_up>())
    return 2 * base + x.what.get_as<msg::connection_up>(0).id.size();
  return size_of(x.what);
}

size_t size_of(const question& x) {
  if (x.what.match_elements<forward_local>())
    return 4 * base + size_of(x.what.get_as<forward_local>(0).what);
  return size_of(x.what);
}

size_t size_of(const answer& x) {
  size_t result = 2 * base;
  if (x.what.match_elements<std::vector<connection_info>>())
    for (const auto& y : x.what.get_as<std::vector<connection_info>>(0))
      result += base + y.id.size();
  return result;
}

} // namespace troupe::actors
