#include "actors/cluster/wire_batch_queue.hpp"

#include "actors/server_core.hpp"

#include <algorithm>
#include <utility>

namespace troupe::actors {

wire_batch_queue::wire_batch_queue(bridge_limits limits,
                                   std::shared_ptr<bridge_counters> counters)
  : limits_(limits),
    counters_(std::move(counters)),
    share_(counters_->queue, limits_.max_queue_bytes),
    window_(least_window, least_window) {
}

wire_batch_queue::~wire_batch_queue() {
  abandon();
}

bool wire_batch_queue::has_room(const frame& message) {
  if (queued_bytes_ == 0)
    return true;
  return share_.try_hold(held() + message.wire().bytes.size());
}

void wire_batch_queue::add(const recipient& to, uint64_t sender,
                           const frame& message) {
  if (is_too_large(message)) {
    ++losses_.too_large;
    add_one(counters_->lost);
    return;
  }
  if (!has_room(message) && limits_.on_overflow == overflow::drop_newest) {
    ++losses_.no_room;
    add_one(counters_->lost);
    return;
  }
  while (!has_room(message)) {
    if (sealed_.empty())
      seal();
    drop_oldest();
  }
  auto before = open_.size();
  open_.add(to, sender, message);
  note_queued(1, static_cast<int64_t>(open_.size() - before));
  share_.hold(held());
  if (open_.size() >= full_size)
    seal();
}

std::optional<wire_batch> wire_batch_queue::next(bool may_be_small,
                                                 time_point now) {
  if (!window_.is_open())
    return {};
  if (sealed_.empty() && may_be_small)
    seal();
  if (sealed_.empty())
    return {};
  auto x = std::move(sealed_.front());
  sealed_.pop_front();
  auto size = x.bytes.size();
  note_queued(-int64_t{x.count}, -static_cast<int64_t>(size));
  actors::add(counters_->sent, x.count);
  under_way_.push_back({++last_number_, x.count, size});
  update_bounds();
  window_.sent(size, now);
  share_.hold(held());
  return wire_batch{last_number_, x.count, std::move(x.bytes)};
}

void wire_batch_queue::done(uint64_t number, time_point now) {
  size_t size = 0;
  while (!under_way_.empty() && under_way_.front().number <= number) {
    size += under_way_.front().size;
    under_way_.pop_front();
  }
  window_.done(size, now);
  share_.hold(held());
}

wire_batch_queue::losses wire_batch_queue::take_losses() {
  return std::exchange(losses_, {});
}

uint64_t wire_batch_queue::abandon() {
  uint64_t result = 0;
  for (const auto& x : under_way_)
    result += x.count;
  under_way_.clear();
  actors::add(counters_->lost, result);
  seal();
  auto before = losses_.no_room;
  while (!sealed_.empty())
    drop_oldest();
  share_.leave();
  return result + losses_.no_room - before;
}

bool wire_batch_queue::is_too_large(const frame& message) const {
  return message.wire().bytes.size()
         > std::max(largest_message, limits_.max_queue_bytes);
}

/// Adapts the bounds of the window to the current number of bridges.
void wire_batch_queue::update_bounds() {
  auto least = least_window / counters_->queue.shares();
  window_.set_bounds(least, std::max(least, limits_.max_queue_bytes / 4 * 3));
}

/// Returns what counts for the allowance that all bridges to the node share.
size_t wire_batch_queue::held() const {
  auto free = std::min(window_.under_way(), window_.least());
  return queued_bytes_ + window_.under_way() - free;
}

void wire_batch_queue::seal() {
  if (auto count = open_.count(); count > 0)
    sealed_.push_back({count, open_.take()});
}

void wire_batch_queue::drop_oldest() {
  auto& x = sealed_.front();
  losses_.no_room += x.count;
  actors::add(counters_->lost, x.count);
  note_queued(-int64_t{x.count}, -static_cast<int64_t>(x.bytes.size()));
  sealed_.pop_front();
}

void wire_batch_queue::note_queued(int64_t messages, int64_t bytes) {
  // Unsigned arithmetic wraps around, so a negative number subtracts.
  queued_bytes_ += static_cast<size_t>(bytes);
  actors::add(counters_->queued_messages, static_cast<uint64_t>(messages));
  actors::add(counters_->queued_bytes, static_cast<uint64_t>(bytes));
}

} // namespace troupe::actors
