#pragma once

#include "net/http/endpoint.hpp"
#include "troupe/http.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// The endpoints of an app, by the path of their routes.
using endpoint_list
  = std::vector<std::pair<std::string, std::shared_ptr<const net::endpoint>>>;

/// Returns a handler that responds with the metrics of the process, of its
/// endpoints and of the other nodes, in the format of Prometheus.
/// @param cluster the cluster actor.
http_handler make_metrics_page(caf::actor_system& sys, caf::actor cluster,
                               endpoint_list endpoints);

} // namespace troupe
