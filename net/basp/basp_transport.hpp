#pragma once

#include "actors/seams/cluster_transport.hpp"
#include "net/runtime/dialer.hpp"

#include <caf/fwd.hpp>

#include <memory>

namespace troupe {

struct cluster_config;

} // namespace troupe

namespace troupe::net {

/// Prepares `cfg` for a cluster: loads CAF's middleman and sets the heartbeats
/// and limits of BASP. Call once, before the actor system is created.
void load_basp(caf::actor_system_config& cfg, const cluster_config& cluster);

/// Creates a transport that uses BASP, CAF's protocol between nodes, over
/// sockets that are dialed, accepted and checked here (docs/decisions/0006).
/// Uses mutual TLS if and only if `cluster` has certificates. Dialing a name
/// tries its addresses in turn. An address that leads to this node counts only
/// if no other address responds.
/// @param resolve looks up names; empty: the system's resolver.
/// @pre `sys` was created with `load_basp`. Call `stop` before it ends.
std::shared_ptr<actors::cluster_transport>
make_basp_transport(caf::actor_system& sys, const cluster_config& cluster,
                    dialer::resolver resolve = {});

} // namespace troupe::net
