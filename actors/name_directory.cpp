#include "actors/name_directory.hpp"

#include <algorithm>
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
  if (entry)
    tell_.down({who.name, entry});
  entry = who.handle;
  tell_.up(who);
}

void name_directory::remove(const std::string& node, const std::string& name) {
  auto i = nodes_.find(node);
  if (i == nodes_.end())
    return;
  if (auto entry = i->second.extract(name))
    tell_.down({name, entry.mapped()});
}

void name_directory::replace(const std::string& node,
                             const std::vector<named_actor>& xs) {
  for (const auto& x : list(node)) {
    auto is_same = [&](const named_actor& y) { return y.name == x.name; };
    if (std::none_of(xs.begin(), xs.end(), is_same))
      remove(node, x.name);
  }
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
  for (const auto& x : list(own))
    if (x.handle.address() == who) {
      remove(own, x.name);
      res.push_back(x.name);
    }
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
