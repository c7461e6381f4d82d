#include "actors/cluster/server_bridges.hpp"

#include "actors/cluster/bridge_actor.hpp"
#include "troupe/log.hpp"

#include <algorithm>

namespace troupe::actors {

namespace {

/// Returns whether a local actor has terminated.
bool is_over(const caf::actor& x) {
  return caf::actor_cast<caf::abstract_actor*>(x)->getf(
    caf::abstract_actor::is_terminated_flag);
}

} // namespace

bool server_bridges::on_offers(
  const std::string& node, const std::vector<bridge_offer>& theirs,
  const std::shared_ptr<bridge_counters>& counters) {
  bool is_needed = false;
  for (const auto& server : servers_) {
    auto is_same = [&](const bridge_offer& x) {
      return x.server == server.name;
    };
    auto i = std::find_if(theirs.begin(), theirs.end(), is_same);
    if (i == theirs.end() || is_over(server.registry))
      continue;
    auto make = [&] { return spawn(server, node, counters); };
    auto meet = [this](const caf::actor& bridge, const caf::actor& with) {
      owner_->send(bridge, actors::meet{with});
    };
    auto end = [this](const caf::actor& bridge) { dismiss_bridge(bridge); };
    pairing fresh{node_ < node};
    auto& pair = nodes_[node].try_emplace(server.name, fresh).first->second;
    is_needed |= pair.on_offer(*i, {make, meet, end});
  }
  return is_needed;
}

caf::actor
server_bridges::spawn(const cluster_server& server, const std::string& node,
                      const std::shared_ptr<bridge_counters>& counters) {
  auto bridge = spawn_pinned<bridge_actor>(
    owner_->system(), at_, server.registry, node, limits_, counters);
  owner_->monitor(bridge);
  return bridge;
}

std::vector<bridge_offer>
server_bridges::offers(const std::string& node) const {
  std::vector<bridge_offer> result;
  auto there = nodes_.find(node);
  for (const auto& x : servers_) {
    auto& offer = result.emplace_back();
    offer.server = x.name;
    if (there == nodes_.end())
      continue;
    if (auto i = there->second.find(x.name); i != there->second.end()) {
      offer.bridge = i->second.bridge();
      offer.met = i->second.met();
    }
  }
  return result;
}

std::optional<std::string> server_bridges::drop(const caf::actor_addr& bridge) {
  for (auto& [node, pairs] : nodes_)
    for (auto& [server, pair] : pairs)
      if (pair.bridge() && pair.bridge().address() == bridge) {
        pair.lost();
        if (!serves(server)) // The bridge ended with its server.
          return std::nullopt;
        log_limited(log_level::error, {.category = "cluster"},
                    "the link of \"" + server + "\" to node " + node
                      + " broke down; it is replaced");
        return node;
      }
  return std::nullopt;
}

bool server_bridges::serves(const std::string& server) const {
  return std::any_of(servers_.begin(), servers_.end(), [&](const auto& x) {
    return x.name == server && !is_over(x.registry);
  });
}

void server_bridges::end(const std::string& node) {
  auto there = nodes_.extract(node);
  if (!there)
    return;
  for (const auto& [server, pair] : there.mapped())
    dismiss_bridge(pair.bridge());
}

void server_bridges::end_all() {
  for (const auto& [node, pairs] : nodes_)
    for (const auto& [server, pair] : pairs)
      owner_->send(pair.bridge(), dismiss{});
  nodes_.clear();
  servers_.clear();
}

void server_bridges::dismiss_bridge(const caf::actor& bridge) {
  if (!bridge)
    return;
  owner_->demonitor(bridge);
  owner_->send(bridge, dismiss{});
}

} // namespace troupe::actors
