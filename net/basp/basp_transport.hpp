#pragma once

#include "actors/seams/cluster_transport.hpp"
#include "net/basp/dialler.hpp"

#include <caf/fwd.hpp>

#include <memory>

namespace troupe {

struct cluster_config;

} // namespace troupe

namespace troupe::net {

/// Prepares `cfg` for nodes of `cluster`: loads CAF's middleman, with
/// heartbeats and limits that BASP needs. Call once, before the actor system is
/// made.
void load_basp(caf::actor_system_config& cfg, const cluster_config& cluster);

/// Carries messages by BASP, CAF's protocol between nodes, over sockets that
/// are dialled, accepted and checked here: see docs/decisions/0006. With
/// certificates in `cluster` over mutual TLS, never without.
/// A dial of a name tries its addresses in turn; one that leads to this node
/// itself counts only if no other one answers.
/// @param resolve  looks up names; the system's, if empty.
/// @pre `sys` was made with `load_basp`; call `stop` before it ends.
std::shared_ptr<actors::cluster_transport>
make_basp_transport(caf::actor_system& sys, const cluster_config& cluster,
                    dialler::resolver resolve = {});

} // namespace troupe::net
