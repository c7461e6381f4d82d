#include "actors/cluster/name_directory.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace troupe::actors {

name_directory::name_directory(observer tell) : tell_(std::move(tell)) {
}

void name_directory::add(const std::string& node, const named_actor& who) {
  if (!who.handle)
    return;
  auto& entry = nodes_[node][who.name];
  if (entry == who.handle)
    return;
  if (entry) {
    if (node == own)
      forget_own(entry, who.name);
    tell_.down({who.name, entry});
  }
  entry = who.handle;
  if (node == own)
    own_names_.emplace(entry.id(), who.name);
  tell_.up(who);
}

void name_directory::remove(const std::string& node, const std::string& name) {
  auto i = nodes_.find(node);
  if (i == nodes_.end())
    return;
  auto entry = i->second.extract(name);
  if (!entry)
    return;
  if (node == own)
    forget_own(entry.mapped(), name);
  tell_.down({name, entry.mapped()});
}

void name_directory::forget_own(const caf::actor& who,
                                const std::string& name) {
  auto [i, end] = own_names_.equal_range(who.id());
  i = std::find_if(i, end, [&](const auto& x) { return x.second == name; });
  if (i != end)
    own_names_.erase(i);
}

void name_directory::replace(const std::string& node,
                             const std::vector<named_actor>& xs) {
  std::unordered_set<std::string> now;
  for (const auto& x : xs)
    now.insert(x.name);
  for (const auto& x : list(node))
    if (!now.contains(x.name))
      remove(node, x.name);
  for (const auto& x : xs)
    add(node, x);
}

void name_directory::drop(const std::string& node) {
  auto entry = nodes_.extract(node);
  if (!entry)
    return;
  for (const auto& [name, handle] : entry.mapped())
    tell_.down({name, handle});
}

std::vector<std::string> name_directory::drop_own(const caf::actor_addr& who) {
  std::vector<std::string> res;
  auto [first, last] = own_names_.equal_range(who.id());
  for (auto i = first; i != last; ++i)
    if (find_own(i->second).address() == who)
      res.push_back(i->second);
  // All at once, since removing them one by one takes quadratic time.
  own_names_.erase(first, last);
  std::sort(res.begin(), res.end());
  for (const auto& name : res)
    remove(own, name);
  return res;
}

caf::actor name_directory::find(const std::string& name) const {
  for (const auto& [node, xs] : nodes_)
    if (auto i = xs.find(name); i != xs.end())
      return i->second;
  return nullptr;
}

caf::actor name_directory::find_own(const std::string& name) const {
  auto node = nodes_.find(own);
  if (node == nodes_.end())
    return nullptr;
  auto i = node->second.find(name);
  return i == node->second.end() ? caf::actor{} : i->second;
}

std::vector<named_actor> name_directory::list(const std::string& node) const {
  std::vector<named_actor> res;
  if (auto i = nodes_.find(node); i != nodes_.end())
    for (const auto& [name, handle] : i->second)
      res.push_back({name, handle});
  return res;
}

std::vector<named_actor> name_directory::list() const {
  std::vector<named_actor> res;
  for (const auto& [node, xs] : nodes_)
    for (const auto& [name, handle] : xs)
      res.push_back({name, handle});
  return res;
}

} // namespace troupe::actors
