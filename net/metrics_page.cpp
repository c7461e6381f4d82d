#include "net/metrics_page.hpp"

#include "net/metrics/process_metrics.hpp"
#include "net/metrics/runtime_metrics.hpp"
#include "net/runtime/access_log.hpp"
#include "net/runtime/scheduler.hpp"

#include <caf/actor_registry.hpp>
#include <caf/event_based_actor.hpp>

#include <chrono>
#include <utility>

namespace troupe {

namespace {

/// Time limit for the cluster actor.
constexpr std::chrono::seconds time_for_nodes{1};

net::exposition collect(caf::actor_system& sys, const metrics_sources& from) {
  net::exposition result;
  net::add_build_metrics(result);
  for (const auto& [path, endpoint] : from.endpoints)
    net::add_server_metrics(result, path, endpoint->stats());
  net::add_port_metrics(result, from.port());
  net::thread_list threads;
  for (const auto& x : net::scheduler::of(sys)->workers()) {
    net::add_thread_metrics(result, x->index(), x->counters(), x->recipients());
    threads.push_back(&x->counters());
  }
  net::add_client_metrics(result, threads);
  net::add_log_metrics(result, net::access_log::of_process().lost());
  net::add_actor_metrics(result, sys.registry().running());
  net::add_process_metrics(result);
  return result;
}

response to_response(const net::exposition& x) {
  return {.body = x.text(), .type = net::exposition::media_type};
}

} // namespace

http_handler make_metrics_page(caf::actor_system& sys, metrics_sources from) {
  return
    [&sys, from = std::move(from)](const request&, const http_responder& to) {
      auto ask = [cluster = from.cluster, to,
                  x = collect(sys, from)](caf::event_based_actor* self) {
        self->request(cluster, time_for_nodes, nodes{})
          .then(
            [=](const std::vector<node_info>& others) {
              auto complete = x;
              net::add_node_metrics(complete, others);
              to.send(to_response(complete));
            },
            [=](const caf::error&) { to.send(to_response(x)); });
      };
      sys.spawn(std::move(ask));
    };
}

} // namespace troupe
