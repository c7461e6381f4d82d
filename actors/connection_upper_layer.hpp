#pragma once

#include "actors/seams/socket_layers.hpp"

#include <caf/actor.hpp>

#include <memory>

namespace troupe::actors {

/// Returns the socket's side of the seam for a connection actor.
std::shared_ptr<upper_layer> make_upper_layer(caf::actor connection);

} // namespace troupe::actors
