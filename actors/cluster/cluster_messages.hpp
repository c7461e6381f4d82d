#pragma once

#include "troupe/inspect.hpp"

#include <caf/actor.hpp>
#include <caf/type_id.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// What the membership actors of two nodes say to each other; bridges have
/// their own messages. In short:
///
/// - Who meets a node that it does not know sends it `hello`, with `asks`. A
///   node answers that by its own hello, or by `refused`, and counts whoever
///   it had a hello from as up. Hellos may come at any time and as often as
///   they like: each says all there is to say, and changes nothing if it is
///   known already.
/// - With each server that both have goes a pair of bridges, brought together
///   by the hellos: see pairing.hpp.
/// - From then on each sends a `heartbeat` every now and then, changes of the
///   names of actors as `name_up` and `name_down`, and an `introduction` of
///   each node that the other may not know. Before a heartbeat goes `sees`, if
///   other nodes came or went since the last one.
/// - Who leaves says `goodbye`, and may go when all have answered `leave_ack`.
/// - Who hears a heartbeat of a node that it has taken for dead begins again
/// with
///   hello.

namespace troupe::actors {

/// Of all that nodes say to each other, bridges included. Nodes of another one
/// are refused.
constexpr uint32_t protocol_version = 5;

/// One bridge of a pair as its own node sees it.
struct bridge_offer {
  std::string server; ///< Its name.
  caf::actor bridge;  ///< Null: there is none yet.
  caf::actor met;     ///< The counterpart it has met; null: none yet.
};

/// A node and where others find it.
struct known_peer {
  std::string node;
  std::string address;
};

struct named_actor {
  std::string name;
  caf::actor handle;
};

struct hello {
  std::string cluster;
  std::string protocol; ///< Compared as a whole.
  std::string node;
  uint64_t incarnation = 0;
  std::string address;           ///< Where it is found.
  bool asks = false;             ///< It has had no hello yet.
  std::vector<known_peer> peers; ///< Who is up for it, the receiver aside.
  std::vector<bridge_offer> bridges;
  std::vector<named_actor> actors;
};

/// To a node that said hello but may not join.
struct refused {
  std::string why; ///< For its log.
};

struct heartbeat {};

/// All nodes that are up for the sender.
struct sees {
  std::vector<std::string> nodes;
};

struct introduction {
  known_peer who;
};

/// An actor of the sending node is to be found by this name.
struct name_up {
  named_actor who;
};

/// It is not any more.
struct name_down {
  std::string name;
};

struct goodbye {};

/// Answers a `goodbye`.
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
