#pragma once

#include "actors/seams/socket_layers.hpp"

#include <caf/actor.hpp>

#include <memory>

namespace troupe::actors {

/// Returns the upper layer of a socket whose connection is `connection`.
std::shared_ptr<upper_layer> make_upper_layer(caf::actor connection);

} // namespace troupe::actors
