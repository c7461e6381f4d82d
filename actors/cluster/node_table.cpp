#include "actors/cluster/node_table.hpp"

#include <algorithm>

namespace troupe::actors {

// -- nodes that are up --------------------------------------------------------

std::vector<std::string> node_table::names() const {
  std::vector<std::string> res;
  for (const auto& [name, x] : peers_)
    res.push_back(name);
  return res;
}

node_table::peer* node_table::find(const caf::actor_addr& membership) {
  auto i = std::find_if(peers_.begin(), peers_.end(), [&](const auto& x) {
    return x.second.membership.address() == membership;
  });
  return i == peers_.end() ? nullptr : &i->second;
}

const node_table::peer* node_table::find(const std::string& node) const {
  auto i = peers_.find(node);
  return i == peers_.end() ? nullptr : &i->second;
}

std::pair<node_table::peer&, bool> node_table::add(const std::string& node) {
  auto [i, is_new] = peers_.try_emplace(node, peer{node});
  return {i->second, is_new};
}

void node_table::set_membership(peer& x, const caf::actor& membership) {
  if (x.membership == membership)
    return;
  watch(membership);
  if (auto old = std::exchange(x.membership, membership))
    unwatch(old.address());
}

node_table::peer node_table::remove(const std::string& node) {
  auto res = std::move(peers_.extract(node).mapped());
  unwatch(res.membership.address());
  return res;
}

std::vector<std::string> node_table::forerunners(const std::string& node,
                                                 const std::string& address,
                                                 uint64_t incarnation) const {
  std::vector<std::string> res;
  for (const auto& [name, x] : peers_) {
    auto is_same = name == node || (!address.empty() && x.address == address);
    if (is_same && x.incarnation != incarnation)
      res.push_back(name);
  }
  return res;
}

std::vector<std::string> node_table::silent_since(time_point t) const {
  std::vector<std::string> res;
  for (const auto& [name, x] : peers_)
    if (x.heard <= t)
      res.push_back(name);
  return res;
}

// -- nodes that were greeted --------------------------------------------------

void node_table::greet(const caf::actor& membership, const std::string& address,
                       time_point now) {
  watch(membership);
  greeted_.push_back({membership, address, now});
}

bool node_table::is_known(const caf::actor_addr& membership) const {
  auto is_same = [&](const auto& x) {
    return x.membership.address() == membership;
  };
  return std::any_of(greeted_.begin(), greeted_.end(), is_same)
         || std::any_of(peers_.begin(), peers_.end(),
                        [&](const auto& x) { return is_same(x.second); });
}

std::vector<caf::actor_addr> node_table::greeted_before(time_point t) const {
  std::vector<caf::actor_addr> res;
  for (const auto& x : greeted_)
    if (x.since <= t)
      res.push_back(x.membership.address());
  return res;
}

std::vector<std::string>
node_table::end_greetings(const caf::actor_addr& membership) {
  std::vector<std::string> res;
  auto count = std::erase_if(greeted_, [&](const greeting& x) {
    if (x.membership.address() != membership)
      return false;
    if (!x.address.empty())
      res.push_back(x.address);
    return true;
  });
  if (count > 0)
    unwatch(membership);
  return res;
}

// -- all ----------------------------------------------------------------------

node_table::time_point node_table::first_timeout(caf::timespan timeout) const {
  auto res = time_point::max();
  for (const auto& [name, x] : peers_)
    res = std::min(res, x.heard + timeout);
  for (const auto& x : greeted_)
    res = std::min(res, x.since + timeout);
  return res;
}

void node_table::clear() {
  peers_.clear();
  greeted_.clear();
}

void node_table::watch(const caf::actor& membership) {
  if (!is_known(membership.address()))
    owner_->monitor(membership);
}

void node_table::unwatch(const caf::actor_addr& membership) {
  if (!is_known(membership))
    owner_->demonitor(membership);
}

} // namespace troupe::actors
