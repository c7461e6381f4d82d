#include "actors/parcel_queue.hpp"

#include "actors/server_core.hpp"

#include <utility>

namespace troupe::actors {

parcel_queue::parcel_queue(link_limits limits,
                           std::shared_ptr<link_counters> counters)
  : limits_(limits),
    counters_(std::move(counters)) {
}

parcel_queue::~parcel_queue() {
  seal();
  while (!sealed_.empty())
    drop_oldest();
  for (const auto& x : under_way_)
    actors::add(counters_->lost, x.count);
}

void parcel_queue::add(const destination& to, uint64_t sender,
                       const frame& message) {
  auto size = message.wire().bytes.size();
  auto is_full = [&] {
    return queued_bytes_ + size > limits_.max_queue_bytes && queued_bytes_ > 0;
  };
  if (is_full() && limits_.on_overflow == overflow::drop_newest) {
    add_one(counters_->lost);
    return;
  }
  while (is_full()) {
    if (sealed_.empty())
      seal();
    drop_oldest();
  }
  auto before = open_.size();
  open_.add(to, sender, message);
  note_queued(1, static_cast<int64_t>(open_.size() - before));
  if (open_.size() >= full_size)
    seal();
}

std::optional<parcel> parcel_queue::next(bool may_be_small) {
  if (bytes_under_way_ >= window)
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
  bytes_under_way_ += size;
  under_way_.push_back({++last_number_, x.count, size});
  return parcel{last_number_, x.count, std::move(x.bytes)};
}

void parcel_queue::done(uint64_t number) {
  while (!under_way_.empty() && under_way_.front().number <= number) {
    bytes_under_way_ -= under_way_.front().size;
    under_way_.pop_front();
  }
}

void parcel_queue::seal() {
  if (auto count = open_.count(); count > 0)
    sealed_.push_back({count, open_.take()});
}

void parcel_queue::drop_oldest() {
  auto& x = sealed_.front();
  actors::add(counters_->lost, x.count);
  note_queued(-int64_t{x.count}, -static_cast<int64_t>(x.bytes.size()));
  sealed_.pop_front();
}

void parcel_queue::note_queued(int64_t messages, int64_t bytes) {
  // Unsigned numbers wrap round: adding a negative one subtracts.
  queued_bytes_ += static_cast<size_t>(bytes);
  actors::add(counters_->queued_messages, static_cast<uint64_t>(messages));
  actors::add(counters_->queued_bytes, static_cast<uint64_t>(bytes));
}

} // namespace troupe::actors
