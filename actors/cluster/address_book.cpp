#include "actors/cluster/address_book.hpp"

#include <algorithm>
#include <utility>

namespace troupe::actors {

address_book::address_book(std::string own, caf::timespan head_start,
                           caf::timespan longest_wait, uint64_t random_seed)
  : own_(std::move(own)),
    head_start_(head_start),
    longest_wait_(longest_wait),
    random_(static_cast<std::minstd_rand::result_type>(random_seed)) {
}

void address_book::add_seed(const std::string& address, time_point now) {
  auto [i, is_new] = entries_.try_emplace(address);
  i->second.is_seed = true;
  if (is_new)
    await(i->second, now);
}

void address_book::learn(const std::string& address, const std::string& node,
                         time_point now) {
  if (address.empty() || node == own_)
    return;
  auto [i, is_new] = entries_.try_emplace(address);
  auto& x = i->second;
  if (!is_new && (x.is != state::waiting || x.node == node))
    return;
  x.node = node;
  await(x, now);
}

std::vector<std::string> address_book::pop_due(time_point now) {
  std::vector<std::string> res;
  for (auto& [address, x] : entries_)
    if (x.due <= now) {
      x.due = never;
      if (x.is == state::waiting)
        x.is = state::dialing;
      res.push_back(address);
    }
  return res;
}

bool address_book::failed(const std::string& address, const std::string& why,
                          time_point now) {
  auto i = entries_.find(address);
  if (i == entries_.end())
    return false;
  auto& x = i->second;
  if (x.is == state::met && x.is_seed && x.due == never)
    x.due = now + jitter(probe_wait);
  if (x.is != state::dialing && x.is != state::led_back)
    return false;
  if (!x.is_seed && now - x.since >= memory) {
    entries_.erase(i);
    return false;
  }
  x.is = state::waiting;
  back_off(x, now);
  return std::exchange(x.complaint, why) != why;
}

bool address_book::met(const std::string& address, const std::string& node) {
  if (address.empty())
    return false;
  auto& x = entries_[address];
  if (x.is == state::own)
    return false;
  x.is = state::met;
  x.due = never;
  x.complaint.clear();
  return std::exchange(x.node, node) != node;
}

void address_book::met_elsewhere(const std::string& address,
                                 const std::string& node, time_point now) {
  met(address, node);
  if (auto i = entries_.find(address); i != entries_.end())
    if (auto& x = i->second; x.is == state::met && x.is_seed)
      x.due = now + jitter(probe_wait);
}

void address_book::mark_own(const std::string& address) {
  auto& x = entries_[address];
  x.is = state::own;
  x.due = never;
}

bool address_book::led_back(const std::string& address, time_point now) {
  auto i = entries_.find(address);
  if (i == entries_.end() || i->second.is == state::own)
    return false;
  auto& x = i->second;
  if (!x.is_seed) {
    mark_own(address);
    return false;
  }
  if (x.is == state::met) { // It has led to another node before.
    x.due = now + jitter(probe_wait);
    return false;
  }
  back_off(x, now);
  return std::exchange(x.is, state::led_back) != state::led_back;
}

void address_book::lost(const std::string& node, time_point now) {
  for (auto& [address, x] : entries_)
    if (x.is == state::met && x.node == node)
      await(x, now);
}

void address_book::left(const std::string& node, time_point now) {
  std::erase_if(entries_, [&](const auto& x) {
    return x.second.is == state::met && x.second.node == node
           && !x.second.is_seed;
  });
  lost(node, now);
}

std::optional<address_book::time_point> address_book::next() const {
  std::optional<time_point> res;
  for (const auto& [address, x] : entries_)
    if (x.due != never && (!res || x.due < *res))
      res = x.due;
  return res;
}

std::vector<std::string> address_book::unmet() const {
  std::vector<std::string> res;
  for (const auto& [address, x] : entries_)
    if (x.is == state::waiting || x.is == state::dialing)
      res.push_back(address);
  return res;
}

/// Schedules the first dial of `x`.
void address_book::await(entry& x, time_point now) {
  auto goes_first = x.node.empty() || own_ < x.node;
  x.is = state::waiting;
  x.due = goes_first ? now : now + head_start_;
  x.since = now;
  x.wait = 2 * shortest_wait; // `jitter` takes off up to one half.
  x.complaint.clear();
}

/// Schedules the next dial of `x` after a failure.
void address_book::back_off(entry& x, time_point now) {
  x.due = now + jitter(x.wait);
  x.wait = std::min(x.wait * 2, longest_wait_);
}

/// Returns a random time between one half of `x` and `x`.
caf::timespan address_book::jitter(caf::timespan x) {
  std::uniform_int_distribution<caf::timespan::rep> part{x.count() / 2,
                                                         x.count()};
  return caf::timespan{part(random_)};
}

} // namespace troupe::actors
