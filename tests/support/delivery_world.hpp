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

/// What a `delivery_model` plays its schedules on.
namespace troupe::test::delivery {

/// The size of a schedule.
struct limits {
  size_t clients = 8;
  size_t rooms = 4;
  size_t epochs = 4;
  size_t steps = 40;
  size_t bots = 0;
  bool may_remove_bots = false; ///< Since they read too slowly.
  size_t nodes = 1;
  bool nodes_part = false; ///< Now and then.
};

/// What has to come to an end before all is quiet.
struct cast {
  std::vector<fake_client*> clients;
  std::vector<caf::actor> bots;       ///< But those that rest.
  std::vector<caf::actor> ended_bots; ///< Told to end in this epoch.
};

/// Threads that can be held up.
struct threads {
  std::function<size_t(const std::string& id)> of_client;
  std::function<size_t(const std::string& name)> of_room;
  size_t of_registry = 0;
  /// Holds up the thread of this client, of which it makes use if need be.
  std::function<void(const std::string& id, fake_client&)> hold;
  std::function<void()> go_on;
  /// Whether it hears this although a thread is held.
  std::function<bool(fake_client&, const std::string& text)> hears;
};

/// What makes two nodes part and meet. The first has the lower number.
struct tie_changes {
  /// Ends the bridge of `i` only, in good order or not.
  std::function<void(size_t i, size_t j, bool breaks_down)> lose;
  /// Ends what bridges there are.
  std::function<void(size_t i, size_t j)> part;
  /// Makes new ones, and ends older ones if there are.
  std::function<void(size_t i, size_t j)> meet;
};

/// What actors answer when all is quiet.
struct questions {
  /// Members by room, as the registry of a node and the rooms know them.
  std::function<std::map<std::string, std::vector<caf::actor>>(size_t node)>
    rooms_at;
  /// Ids, as the registry of a node knows them.
  std::function<std::vector<std::string>(size_t node, const std::string& room)>
    connections_in;
  /// As the connection knows it.
  std::function<bool(fake_client&, const std::string& room)> is_joined;
};

/// How the world is run: differs between virtual time and real threads.
struct world {
  std::function<fake_client(std::string id)> connect;
  std::function<void()> between_steps;
  /// Returns when nothing is under way any more.
  std::function<void(const cast&)> quiesce;
  /// Where somebody is: the members of a room agree on one order per node.
  delivery_bots::node_of node_of = [](const std::string&) { return size_t{0}; };
  delivery_bots::hire_function hire = {};
  std::optional<delivery::threads> threads = {};
  /// The registry of a node, to decide about a client's membership there;
  /// empty: nobody does. Needs `questions`.
  std::function<caf::actor(size_t node)> registry_of = {};
  /// Says it in the name of the server; empty: it says nothing.
  std::function<void(size_t node, const recipient&, const frame&)> announce
    = {};
  std::optional<delivery::questions> questions = {};
  std::optional<tie_changes> ties = {};
};

} // namespace troupe::test::delivery
