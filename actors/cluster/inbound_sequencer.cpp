#include "actors/cluster/inbound_sequencer.hpp"

#include <utility>

namespace troupe::actors {

void inbound_sequencer::begin_wire_batch() {
  auto last = wire_batches_.empty() ? done_ : wire_batches_.back().number;
  wire_batches_.push_back({last + 1, 0});
}

void inbound_sequencer::add(const recipient& to, batch::entry message) {
  auto i = run_for(to, message.from);
  ++open_[ready_[i].ticket].count;
  ready_[i].messages.push_back(std::move(message));
}

/// Returns the last run to `to`, or a new one if `sender` has a message in a
/// run that began later.
inbound_sequencer::index inbound_sequencer::run_for(const recipient& to,
                                                    uint64_t sender) {
  auto& runs = last_to_[static_cast<size_t>(to.what)];
  auto [run, is_first] = runs.try_emplace(to.name, ready_.size());
  auto [said, is_new] = last_from_.try_emplace(sender, run->second);
  if (!is_first && said->second > run->second)
    run->second = ready_.size();
  if (run->second == ready_.size()) {
    auto& last = wire_batches_.back();
    ++last.open;
    ready_.push_back({to, {}, ++last_ticket_});
    open_.emplace(last_ticket_, open_arrival{last.number, 0});
  }
  return said->second = run->second;
}

std::vector<arrival> inbound_sequencer::take_ready() {
  finish_wire_batches(); // A wire batch may be empty.
  if (ready_.empty())
    return {}; // Saves clearing the maps, which takes time even if empty.
  for (auto& x : last_to_)
    x.clear();
  last_from_.clear();
  return std::exchange(ready_, {});
}

void inbound_sequencer::settle(uint64_t ticket) {
  auto done = open_.extract(ticket);
  if (done.empty())
    return;
  --wire_batches_[done.mapped().wire_batch - wire_batches_.front().number].open;
  finish_wire_batches();
}

size_t inbound_sequencer::count_of(uint64_t ticket) const {
  auto i = open_.find(ticket);
  return i != open_.end() ? i->second.count : 0;
}

void inbound_sequencer::finish_wire_batches() {
  while (!wire_batches_.empty() && wire_batches_.front().open == 0) {
    done_ = wire_batches_.front().number;
    wire_batches_.pop_front();
  }
}

} // namespace troupe::actors
