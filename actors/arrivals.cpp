#include "actors/arrivals.hpp"

#include <algorithm>
#include <utility>

namespace troupe::actors {

void arrivals::begin_parcel() {
  auto last = parcels_.empty() ? done_ : parcels_.back().number;
  parcels_.push_back({last + 1, 0});
}

void arrivals::add(const destination& to, batch::entry message) {
  auto& last = parcels_.back();
  ++last.open;
  auto& from = senders_[message.from];
  waiting x{to, std::move(message), last.number};
  if (from.queue.empty() && may_go(from, to))
    send(from, std::move(x));
  else
    from.queue.push_back(std::move(x));
}

std::vector<arrival> arrivals::take_ready() {
  finish_parcels(); // One may have been empty.
  return std::exchange(ready_, {});
}

void arrivals::settle(uint64_t ticket) {
  auto done = tickets_.extract(ticket);
  if (done.empty())
    return;
  for (const auto& x : done.mapped()) {
    --parcels_[x.parcel - parcels_.front().number].open;
    auto i = senders_.find(x.sender);
    auto& from = i->second;
    --from.open;
    while (!from.queue.empty() && may_go(from, from.queue.front().to)) {
      send(from, std::move(from.queue.front()));
      from.queue.pop_front();
    }
    if (from.open == 0)
      senders_.erase(i);
  }
  finish_parcels();
}

bool arrivals::may_go(const sender& from, const destination& to) {
  return from.open == 0 || from.path == to;
}

void arrivals::send(sender& from, waiting x) {
  from.path = x.to;
  ++from.open;
  // Few destinations are ready at once: a scan beats a map.
  auto i = std::find_if(ready_.begin(), ready_.end(), [&](const arrival& y) {
    return y.where == x.to.where && y.to == x.to.to;
  });
  if (i == ready_.end())
    i = ready_.insert(i, {x.to.where, std::move(x.to.to), {}, ++last_ticket_});
  tickets_[i->ticket].push_back({x.message.from, x.parcel});
  i->messages.push_back(std::move(x.message));
}

void arrivals::finish_parcels() {
  while (!parcels_.empty() && parcels_.front().open == 0) {
    done_ = parcels_.front().number;
    parcels_.pop_front();
  }
}

} // namespace troupe::actors
