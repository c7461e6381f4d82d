#include "actors/cluster/node_search.hpp"

#include "troupe/log.hpp"

namespace troupe::actors {

void node_search::begin(std::shared_ptr<cluster_transport> net,
                        const std::string& own,
                        const std::vector<std::string>& seeds) {
  net_ = std::move(net);
  book_.mark_own(own);
  for (const auto& x : seeds)
    book_.add_seed(x, now());
}

void node_search::dial_due() {
  for (const auto& address : book_.pop_due(now()))
    net_->dial(address, owner_);
}

void node_search::note_led_back(const std::string& address) {
  if (book_.led_back(address, now()))
    log_limited(log_level::info, {.category = "cluster"},
                address
                  + " leads to this node itself; retrying, since it may lead "
                    "to other nodes as well");
}

void node_search::note_met(const std::string& address, const std::string& node,
                           const std::string& found) {
  if (address == found)
    book_.met(address, node);
  else
    book_.met_elsewhere(address, node, now());
}

void node_search::note_failed(const std::string& address,
                              const std::string& why) {
  if (book_.failed(address, why, now()))
    log_limited(log_level::warning, {.category = "cluster"},
                "cannot connect to the node at " + address + ": " + why
                  + "; retrying");
}

node_search::time_point node_search::now() const {
  return owner_->clock().now();
}

} // namespace troupe::actors
