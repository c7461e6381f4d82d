#pragma once

#include "actors/cluster/bridge_counters.hpp"
#include "actors/cluster/cluster_messages.hpp"
#include "actors/cluster/pairing.hpp"
#include "actors/seams/event_loop.hpp"

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/event_based_actor.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::actors {

/// Sent to the membership actor before `begin_membership`. Connects a server
/// with the servers of its name on other nodes.
struct cluster_server {
  std::string name;
  caf::actor registry;
};

/// The bridges of this node's servers to other nodes: one for each node and
/// server that exists on both nodes. The owner monitors them.
class server_bridges {
public:
  /// @param owner the membership actor.
  /// @param at    the thread on which the bridges run.
  /// @param node  the name of this node.
  server_bridges(caf::event_based_actor* owner, event_loop* at,
                 std::string node, bridge_limits limits)
    : owner_(owner),
      at_(at),
      node_(std::move(node)),
      limits_(limits) {
  }

  void add(cluster_server server) {
    servers_.push_back(std::move(server));
  }

  /// Handles the offers of `node`: makes and ends bridges here accordingly.
  /// @param counters counters for the bridges to that node.
  /// @returns whether the offers of this node must be sent to `node`.
  bool on_offers(const std::string& node,
                 const std::vector<bridge_offer>& theirs,
                 const std::shared_ptr<bridge_counters>& counters);

  /// @returns the offers for `node`: one per server, without a bridge if there
  ///          is none to that node yet.
  std::vector<bridge_offer> offers(const std::string& node) const;

  /// Forgets a bridge that ended without being dismissed, such as by an
  /// exception. Messages that it carried are lost; later ones are not.
  /// @returns the node to which offers must be sent; nothing if `bridge` is
  ///          unknown or its server has ended.
  std::optional<std::string> drop(const caf::actor_addr& bridge);

  /// Ends the bridges to `node`.
  void end(const std::string& node);

  /// Ends all bridges, and forgets the servers.
  void end_all();

private:
  using pairings = std::map<std::string, pairing>; ///< By server.

  caf::actor spawn(const cluster_server& server, const std::string& node,
                   const std::shared_ptr<bridge_counters>& counters);
  void dismiss_bridge(const caf::actor& bridge);
  bool serves(const std::string& server) const;

  caf::event_based_actor* owner_;
  event_loop* at_;
  std::string node_;
  bridge_limits limits_;
  std::vector<cluster_server> servers_;
  std::map<std::string, pairings> nodes_; ///< By name.
};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::cluster_server)
