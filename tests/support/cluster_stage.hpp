#pragma once

#include "actors/cluster/bridge_actor.hpp"
#include "support/stage.hpp"

#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe::test {

/// One server on several nodes, in one actor system and without a network:
/// bridges send to their counterparts directly.
class cluster_stage {
public:
  /// Two counterparts. `here` is on the node with the lower number.
  struct bridge_pair {
    caf::actor here;
    caf::actor there;
  };

  /// Returns an actor that represents a bridge on the other node, such as a
  /// `slow_path`.
  using path_maker = std::function<caf::actor(const caf::actor& bridge)>;

  /// @param welcome called with each connection of each node.
  /// @param path    applied to all bridges; if empty, bridges send directly.
  /// @param cfg     the settings of the server on each node.
  cluster_stage(caf::actor_system& sys, size_t nodes,
                actors::bridge_limits limits = {},
                std::function<void(connection&)> welcome = obey_clients,
                path_maker path = {}, config cfg = {})
    : system_(sys),
      limits_(limits),
      path_(std::move(path)) {
    for (size_t i = 0; i < nodes; ++i) {
      stages_.push_back(std::make_unique<stage>(sys, cfg));
      counters_.push_back(std::make_shared<actors::bridge_counters>());
      stages_.back()->core->add(welcome);
    }
    for (size_t i = 0; i < nodes; ++i)
      for (size_t j = i + 1; j < nodes; ++j)
        bridge(i, j);
  }

  /// Connects two nodes by a new pair of bridges.
  bridge_pair bridge(size_t i, size_t j) {
    bridge_pair res{spawn_bridge(i, j), spawn_bridge(j, i)};
    caf::anon_send(res.here, actors::meet{by_path(res.there)});
    caf::anon_send(res.there, actors::meet{by_path(res.here)});
    links_.push_back(res);
    current_[{i, j}] = res;
    return res;
  }

  /// Returns the last pair of bridges of two nodes.
  /// @pre i < j
  const bridge_pair& bridges_of(size_t i, size_t j) const {
    return current_.at({i, j});
  }

  /// Ends the last pair of bridges of two nodes, as the memberships of both
  /// nodes do.
  void part(size_t i, size_t j) {
    const auto& x = bridges_of(i, j);
    caf::anon_send(x.here, actors::dismiss{});
    caf::anon_send(x.there, actors::dismiss{});
  }

  stage& operator[](size_t i) {
    return *stages_.at(i);
  }

  /// Returns all pairs of bridges in the order of their creation.
  const std::vector<bridge_pair>& bridges() const {
    return links_;
  }

  const actors::bridge_counters& counters(size_t i) const {
    return *counters_.at(i);
  }

  /// Returns the name of a node.
  static std::string name(size_t i) {
    char res[9];
    std::snprintf(res, sizeof(res), "%08zx", i);
    return res;
  }

  void stop() {
    for (auto& x : stages_)
      caf::anon_send(x->registry(), actors::stop{std::chrono::seconds{1}});
  }

  size_t size() const {
    return stages_.size();
  }

private:
  caf::actor spawn_bridge(size_t on, size_t to) {
    return actors::spawn_pinned<actors::bridge_actor>(system_, nullptr,
                                                      stages_[on]->registry(),
                                                      name(to), limits_,
                                                      counters_[on]);
  }

  caf::actor by_path(const caf::actor& bridge) const {
    return path_ ? path_(bridge) : bridge;
  }

  caf::actor_system& system_;
  actors::bridge_limits limits_;
  path_maker path_;
  std::vector<std::unique_ptr<stage>> stages_;
  std::vector<std::shared_ptr<actors::bridge_counters>> counters_;
  std::vector<bridge_pair> links_;
  std::map<std::pair<size_t, size_t>, bridge_pair> current_;
};

} // namespace troupe::test
