#pragma once

#include "support/delivery_bots.hpp"
#include "support/stage.hpp"
#include "troupe/recipient.hpp"

#include <caf/actor.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// The environment in which a `delivery_model` plays its schedules.
namespace troupe::test::delivery {

/// The size of a schedule.
struct limits {
  size_t clients = 8;
  size_t rooms = 4;
  size_t epochs = 4;
  size_t steps = 40;
  size_t bots = 0;
  bool may_remove_bots = false; ///< Bots that read too slowly.
  size_t nodes = 1;
  bool nodes_part = false; ///< Nodes part and meet at random.
};

/// The actors that must be idle before all is quiet.
struct cast {
  std::vector<fake_client*> clients;
  std::vector<caf::actor> bots;       ///< Without those that rest.
  std::vector<caf::actor> ended_bots; ///< Asked to end in this epoch.
};

/// Threads that can be held up.
struct threads {
  std::function<size_t(const std::string& id)> of_client;
  std::function<size_t(const std::string& name)> of_room;
  size_t of_registry = 0;
  /// Holds up the thread of a client, if necessary by a handler of the client.
  std::function<void(const std::string& id, fake_client&)> hold;
  std::function<void()> go_on;
  /// Returns whether the client receives `text` while a thread is held up.
  std::function<bool(fake_client&, const std::string& text)> hears;
};

/// Functions that make two nodes part and meet. The first node has the lower
/// number.
struct tie_changes {
  /// Ends the bridge on node `i` only, with or without an error.
  std::function<void(size_t i, size_t j, bool breaks_down)> lose;
  /// Ends the bridges between the nodes, if any.
  std::function<void(size_t i, size_t j)> part;
  /// Makes new bridges, and ends existing ones.
  std::function<void(size_t i, size_t j)> meet;
};

/// Queries to actors while all is quiet.
struct questions {
  /// Returns the members by room according to the registry of a node and the
  /// rooms.
  std::function<std::map<std::string, std::vector<caf::actor>>(size_t node)>
    rooms_at;
  /// Returns ids according to the registry of a node.
  std::function<std::vector<std::string>(size_t node, const std::string& room)>
    connections_in;
  /// Returns whether the client is a member according to its connection.
  std::function<bool(fake_client&, const std::string& room)> is_joined;
};

/// Runs the actors, on virtual time or on real threads.
struct world {
  std::function<fake_client(std::string id)> connect;
  std::function<void()> between_steps;
  /// Returns when nothing is in flight anymore.
  std::function<void(const cast&)> quiesce;
  /// Returns the node of a player. The members of a room on one node agree on
  /// one order.
  delivery_bots::node_of node_of = [](const std::string&) { return size_t{0}; };
  delivery_bots::hire_function hire = {};
  std::optional<delivery::threads> threads = {};
  /// Returns the registry of a node, for changes of a client's membership by
  /// others. If empty, there are none. Requires `questions`.
  std::function<caf::actor(size_t node)> registry_of = {};
  /// Sends a message in the name of the server of a node. If empty, servers
  /// send nothing.
  std::function<void(size_t node, const recipient&, const frame&)> announce
    = {};
  std::optional<delivery::questions> questions = {};
  std::optional<tie_changes> ties = {};
};

} // namespace troupe::test::delivery
