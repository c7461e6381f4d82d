#include "actors/cluster/sightings.hpp"

#include <algorithm>

namespace troupe::actors {

sightings::sightings(std::string own, caf::timespan patience)
  : own_(std::move(own)),
    patience_(patience) {
}

void sightings::set(const std::string& node,
                    const std::vector<std::string>& seen) {
  auto count = std::min(seen.size(), most_seen);
  auto end = seen.begin() + static_cast<std::ptrdiff_t>(count);
  seen_[node] = {seen.begin(), end};
  has_changed_ = true;
}

void sightings::drop(const std::string& node) {
  seen_.erase(node);
  has_changed_ = true;
}

std::vector<sightings::change> sightings::update(time_point now) {
  if (!has_changed_ && !is_waiting_)
    return {};
  has_changed_ = false;
  is_waiting_ = false;
  auto open = find_gaps();
  auto res = end_gaps(open);
  for (const auto& x : open) {
    auto& y = gaps_.try_emplace(x, gap{now}).first->second;
    if (y.is_told)
      continue;
    if (now - y.since < patience_) {
      is_waiting_ = true;
      continue;
    }
    y.is_told = true;
    res.push_back({x.first, x.second, true});
  }
  return res;
}

std::vector<std::string> sightings::unseen_by(const std::string& node) const {
  std::vector<std::string> res;
  for (const auto& [x, y] : gaps_) {
    if (!y.is_told || (x.first != node && x.second != node))
      continue;
    const auto& other = x.first == node ? x.second : x.first;
    if (seen_.contains(other) && !sees(node, other))
      res.push_back(other);
  }
  return res;
}

bool sightings::sees(const std::string& node, const std::string& other) const {
  auto i = seen_.find(node);
  return i != seen_.end() && i->second.contains(other);
}

/// Returns the pairs of other nodes that this node sees, and the pairs of this
/// node and a node that only others see.
std::set<sightings::pair> sightings::find_gaps() const {
  std::set<pair> res;
  for (const auto& [node, seen] : seen_) {
    for (const auto& [other, ignored] : seen_)
      if (other != node && !seen.contains(other))
        res.insert(std::minmax(node, other));
    for (const auto& other : seen)
      if (other != own_ && !seen_.contains(other))
        res.insert(std::minmax(own_, other));
  }
  return res;
}

std::vector<sightings::change>
sightings::end_gaps(const std::set<pair>& now_open) {
  std::vector<change> res;
  for (auto i = gaps_.begin(); i != gaps_.end();) {
    if (now_open.contains(i->first)) {
      ++i;
      continue;
    }
    if (i->second.is_told)
      res.push_back({i->first.first, i->first.second, false});
    i = gaps_.erase(i);
  }
  return res;
}

std::string sightings::describe(const change& x) const {
  auto label = [this](const std::string& node) {
    return node == own_ ? "this node" : "node " + node;
  };
  auto both = label(x.one) + " and " + label(x.other);
  return both
         + (x.is_cut ? " cannot reach each other, though both are up"
                     : " are no longer cut off from each other");
}

} // namespace troupe::actors
