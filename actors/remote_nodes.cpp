#include "actors/remote_nodes.hpp"

#include "troupe/id.hpp"

#include <algorithm>

namespace troupe::actors {

namespace {

std::optional<std::string> pop(std::set<std::string>& xs) {
  if (xs.empty())
    return std::nullopt;
  return std::move(xs.extract(xs.begin()).value());
}

} // namespace

void remote_nodes::add(const caf::actor& bridge, const std::string& name) {
  nodes_.push_back({.bridge = bridge, .name = name});
}

std::optional<remote_nodes::node>
remote_nodes::remove(const caf::actor_addr& bridge) {
  return extract(std::find_if(nodes_.begin(), nodes_.end(), [&](const node& x) {
    return x.bridge == bridge;
  }));
}

std::optional<remote_nodes::node>
remote_nodes::replace(const std::string& name) {
  auto gone
    = extract(std::find_if(nodes_.begin(), nodes_.end(),
                           [&](const node& x) { return x.name == name; }));
  if (gone)
    replaced_.insert(gone->bridge.address());
  return gone;
}

std::optional<remote_nodes::node>
remote_nodes::extract(std::vector<node>::iterator i) {
  if (i == nodes_.end())
    return std::nullopt;
  auto gone = std::move(*i);
  nodes_.erase(i);
  claims_.ignore(gone.bridge);
  return gone;
}

remote_nodes::node* remote_nodes::find(const caf::actor_addr& bridge) {
  for (auto& x : nodes_)
    if (x.bridge == bridge)
      return &x;
  return nullptr;
}

const remote_nodes::node*
remote_nodes::find_by_name(const std::string& name) const {
  for (const auto& x : nodes_)
    if (x.name == name)
      return &x;
  return nullptr;
}

const remote_nodes::node*
remote_nodes::node_of_connection(const std::string& id) const {
  auto name = node_of(id);
  auto keeper = name.empty() ? claims_.keeper(id) : nullptr;
  for (const auto& x : nodes_)
    if (name.empty() ? x.bridge == keeper : x.name == name)
      return &x;
  return nullptr;
}

std::vector<caf::actor> remote_nodes::bridges() const {
  std::vector<caf::actor> result;
  for (const auto& x : nodes_)
    result.push_back(x.bridge);
  return result;
}

void remote_nodes::hold_remote_id(node& x, const held_id& id) {
  x.ids.insert(id.id);
  claims_.learn(x.bridge, id);
}

void remote_nodes::free_remote_id(node& x, const std::string& id) {
  x.ids.erase(id);
  claims_.forget(x.bridge, id);
}

std::optional<std::string> remote_nodes::forget_id(node& gone) {
  auto id = pop(gone.ids);
  if (id)
    claims_.forget(gone.bridge, *id);
  return id;
}

std::optional<std::string> remote_nodes::forget_room(node& gone) {
  return pop(gone.rooms);
}

} // namespace troupe::actors
