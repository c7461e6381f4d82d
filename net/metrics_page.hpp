#pragma once

#include "net/http/endpoint.hpp"
#include "troupe/http.hpp"
#include "troupe/listener.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// The endpoints of an app, by the path of their routes.
using endpoint_list
  = std::vector<std::pair<std::string, std::shared_ptr<const net::endpoint>>>;

/// What is behind the metrics, besides the actor system.
struct metrics_sources {
  caf::actor cluster; ///< The cluster actor.
  endpoint_list endpoints;
  std::function<listener_stats()> port; ///< Counters of the port for clients.
};

/// Returns a handler that responds with the metrics of the process, of its
/// endpoints and of the other nodes, in the format of Prometheus.
http_handler make_metrics_page(caf::actor_system& sys, metrics_sources from);

} // namespace troupe
