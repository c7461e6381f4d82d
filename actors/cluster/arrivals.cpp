#include "actors/cluster/arrivals.hpp"

#include <utility>

namespace troupe::actors {

void arrivals::begin_parcel() {
  auto last = parcels_.empty() ? done_ : parcels_.back().number;
  parcels_.push_back({last + 1, 0});
}

void arrivals::add(const recipient& to, batch::entry message) {
  auto i = run_for(to, message.from);
  ++open_[ready_[i].ticket].count;
  ready_[i].messages.push_back(std::move(message));
}

/// The last run to `to`, unless its sender has said something elsewhere after
/// that began: then a fresh one.
arrivals::index arrivals::run_for(const recipient& to, uint64_t sender) {
  auto& runs = last_to_[static_cast<size_t>(to.what)];
  auto [run, is_first] = runs.try_emplace(to.name, ready_.size());
  auto [said, is_new] = last_from_.try_emplace(sender, run->second);
  if (!is_first && said->second > run->second)
    run->second = ready_.size();
  if (run->second == ready_.size()) {
    auto& last = parcels_.back();
    ++last.open;
    ready_.push_back({to, {}, ++last_ticket_});
    open_.emplace(last_ticket_, open_arrival{last.number, 0});
  }
  return said->second = run->second;
}

std::vector<arrival> arrivals::take() {
  finish_parcels(); // One may have been empty.
  if (ready_.empty())
    return {}; // To clear a map costs as much as it has ever held.
  for (auto& x : last_to_)
    x.clear();
  last_from_.clear();
  return std::exchange(ready_, {});
}

void arrivals::settle(uint64_t ticket) {
  auto done = open_.extract(ticket);
  if (done.empty())
    return;
  --parcels_[done.mapped().parcel - parcels_.front().number].open;
  finish_parcels();
}

size_t arrivals::count_of(uint64_t ticket) const {
  auto i = open_.find(ticket);
  return i != open_.end() ? i->second.count : 0;
}

void arrivals::finish_parcels() {
  while (!parcels_.empty() && parcels_.front().open == 0) {
    done_ = parcels_.front().number;
    parcels_.pop_front();
  }
}

} // namespace troupe::actors
