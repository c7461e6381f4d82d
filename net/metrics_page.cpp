#include "net/metrics_page.hpp"

#include "net/metrics/process_metrics.hpp"
#include "net/metrics/runtime_metrics.hpp"
#include "net/runtime/scheduler.hpp"

#include <caf/event_based_actor.hpp>

#include <chrono>

namespace troupe {

namespace {

/// Time limit for the cluster actor.
constexpr std::chrono::seconds time_for_nodes{1};

net::exposition collect(caf::actor_system& sys,
                        const endpoint_list& endpoints) {
  net::exposition result;
  net::add_build_metrics(result);
  for (const auto& [path, endpoint] : endpoints)
    net::add_server_metrics(result, path, endpoint->stats());
  for (const auto& x : net::scheduler::of(sys)->workers())
    net::add_thread_metrics(result, x->index(), x->counters());
  net::add_process_metrics(result);
  return result;
}

response to_response(const net::exposition& x) {
  return {.body = x.text(), .type = net::exposition::media_type};
}

} // namespace

http_handler make_metrics_page(caf::actor_system& sys, caf::actor cluster,
                               endpoint_list endpoints) {
  return [&sys, cluster, endpoints](const request&, const responder& to) {
    sys.spawn([=, x = collect(sys, endpoints)](caf::event_based_actor* self) {
      self->request(cluster, time_for_nodes, nodes{})
        .then(
          [=](const std::vector<node_info>& others) {
            auto complete = x;
            net::add_node_metrics(complete, others);
            to.send(to_response(complete));
          },
          [=](const caf::error&) { to.send(to_response(x)); });
    });
  };
}

} // namespace troupe
