#include "actors/cluster/link_counters.hpp"

#include <algorithm>

namespace troupe::actors {

std::shared_ptr<bridge_counters>
link_counters::get(const std::string& address,
                   const std::vector<std::string>& sought) {
  std::erase_if(counters_, [&](const auto& x) {
    return x.second.use_count() == 1
           && std::find(sought.begin(), sought.end(), x.first) == sought.end();
  });
  auto& res = counters_[address];
  if (!res)
    res = std::make_shared<bridge_counters>();
  return res;
}

void link_counters::fill(node_info& x) const {
  auto i = counters_.find(x.address);
  if (i == counters_.end())
    return;
  const auto& count = *i->second;
  x.queued_messages = count.queued_messages;
  x.queued_bytes = count.queued_bytes;
  x.sent = count.sent;
  x.received = count.received;
  x.lost = count.lost;
  x.events_dropped = count.events_dropped;
  x.questions_refused = count.questions_refused;
}

} // namespace troupe::actors
