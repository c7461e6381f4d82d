#pragma once

#include "troupe/inspect.hpp"

#include <caf/actor.hpp>
#include <caf/type_id.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// @file
///
/// Message protocol between the membership actors of two nodes. Bridges have
/// messages of their own (bridge_messages.hpp).
///
/// - A node that meets an unknown node sends `hello` with `asks` set. The other
///   node responds with its own `hello` or with `refused`. A node is up for
///   those that have accepted its `hello`. A `hello` may come at any time and
///   any number of times: it contains the complete state of the sender, and
///   nothing changes if that is known already.
/// - Each server that exists on both nodes has a pair of bridges, which the
///   hellos bring together (pairing.hpp).
/// - From then on, each node sends a `heartbeat` at regular intervals,
///   `name_up` and `name_down` when the names of its actors change, and an
///   `introduction` of each node that the other one may not know. If other
///   nodes came or went since the last heartbeat, `sees` precedes the next one.
/// - A node that leaves sends `goodbye`, and terminates when all nodes have
///   responded with `leave_ack`.
/// - A node that receives a heartbeat of a node that it considers lost starts
///   over with `hello`.

namespace troupe::actors {

/// Version of the protocol between nodes, messages of bridges included. A node
/// with another version is refused.
constexpr uint32_t protocol_version = 5;

/// One bridge of a pair as its own node sees it.
struct bridge_offer {
  std::string server; ///< The name of the server.
  caf::actor bridge;  ///< Null if there is none yet.
  caf::actor met;     ///< The counterpart of `bridge`; null if it has none.
};

/// A node and its address.
struct known_peer {
  std::string node;
  std::string address;
};

/// An actor of a node and the name under which it is registered.
struct named_actor {
  std::string name;
  caf::actor handle;
};

/// The complete state of the sending node.
struct hello {
  std::string cluster;
  std::string protocol; ///< Must be equal on both nodes.
  std::string node;
  uint64_t incarnation = 0;
  std::string address;           ///< Where others dial the sender.
  bool asks = false;             ///< The sender has received no hello yet.
  std::vector<known_peer> peers; ///< Nodes up for it, except the receiver.
  std::vector<bridge_offer> bridges;
  std::vector<named_actor> actors;
};

/// Response to the `hello` of a node that may not join.
struct refused {
  std::string why; ///< For the log of the refused node.
};

/// Sign of life of the sending node.
struct heartbeat {};

/// Lists all nodes that are up for the sender.
struct sees {
  std::vector<std::string> nodes;
};

/// Announces another node that is up for the sender.
struct introduction {
  known_peer who;
};

/// Announces that an actor of the sending node is registered under a name.
struct name_up {
  named_actor who;
};

/// Announces that no actor of the sending node is registered under `name` any
/// more.
struct name_down {
  std::string name;
};

/// Announces that the sending node leaves the cluster.
struct goodbye {};

/// Response to `goodbye`.
struct leave_ack {};

TROUPE_INSPECT(troupe::actors, bridge_offer, x.server, x.bridge, x.met)
TROUPE_INSPECT(troupe::actors, known_peer, x.node, x.address)
TROUPE_INSPECT(troupe::actors, named_actor, x.name, x.handle)
TROUPE_INSPECT(troupe::actors, hello, x.cluster, x.protocol, x.node,
               x.incarnation, x.address, x.asks, x.peers, x.bridges, x.actors)
TROUPE_INSPECT(troupe::actors, refused, x.why)
TROUPE_INSPECT(troupe::actors, heartbeat)
TROUPE_INSPECT(troupe::actors, introduction, x.who)
TROUPE_INSPECT(troupe::actors, name_up, x.who)
TROUPE_INSPECT(troupe::actors, name_down, x.name)
TROUPE_INSPECT(troupe::actors, goodbye)
TROUPE_INSPECT(troupe::actors, leave_ack)
TROUPE_INSPECT(troupe::actors, sees, x.nodes)

} // namespace troupe::actors

CAF_BEGIN_TYPE_ID_BLOCK(troupe_membership, first_custom_type_id + 400)
  CAF_ADD_TYPE_ID(troupe_membership, (troupe::actors::bridge_offer))
  CAF_ADD_TYPE_ID(troupe_membership, (troupe::actors::known_peer))
  CAF_ADD_TYPE_ID(troupe_membership, (troupe::actors::named_actor))
  CAF_ADD_TYPE_ID(troupe_membership, (troupe::actors::hello))
  CAF_ADD_TYPE_ID(troupe_membership, (troupe::actors::refused))
  CAF_ADD_TYPE_ID(troupe_membership, (troupe::actors::heartbeat))
  CAF_ADD_TYPE_ID(troupe_membership, (troupe::actors::introduction))
  CAF_ADD_TYPE_ID(troupe_membership, (troupe::actors::name_up))
  CAF_ADD_TYPE_ID(troupe_membership, (troupe::actors::name_down))
  CAF_ADD_TYPE_ID(troupe_membership, (troupe::actors::goodbye))
  CAF_ADD_TYPE_ID(troupe_membership, (troupe::actors::leave_ack))
  CAF_ADD_TYPE_ID(troupe_membership, (troupe::actors::sees))
CAF_END_TYPE_ID_BLOCK(troupe_membership)
