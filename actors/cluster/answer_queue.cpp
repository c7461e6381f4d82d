#include "actors/cluster/answer_queue.hpp"

#include "actors/cluster/control_window.hpp"
#include "troupe/error.hpp"

#include <algorithm>
#include <utility>

namespace troupe::actors {

answer_queue::answer_queue(std::shared_ptr<bridge_counters> counters)
  : counters_(std::move(counters)),
    share_(counters_->answers, most_bytes) {
}

bool answer_queue::begin() {
  if (!share_.try_hold(held_ + least_size))
    return false;
  held_ += least_size;
  return true;
}

bool answer_queue::add(answer x) {
  auto size = std::max(size_of(x), least_size);
  auto has_room = fits(size);
  if (!has_room) {
    // Always has room: it is small, and there is one per question.
    x = {x.number,
         {},
         make_error(errc::no_answer, "the response is too large to be queued")};
    size = least_size;
  }
  held_ += size - least_size;
  share_.hold(held_);
  ready_.push_back({std::move(x), size});
  return has_room;
}

std::optional<answer> answer_queue::next() {
  if (ready_.empty())
    return {};
  auto x = std::move(ready_.front());
  ready_.pop_front();
  held_ -= x.size;
  share_.hold(held_);
  return std::move(x.what);
}

void answer_queue::abandon() {
  ready_.clear();
  share_.leave();
}

/// Returns whether an answer of `size` bytes may wait, of which `begin` has
/// reserved `least_size`.
bool answer_queue::fits(size_t size) {
  if (size > control_window::largest_message)
    return false;
  return size == least_size || ready_.empty()
         || share_.try_hold(held_ + size - least_size);
}

} // namespace troupe::actors
