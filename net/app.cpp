#include "troupe/app.hpp"

#include "actors/lifeline_actor.hpp"
#include "base/address.hpp"
#include "base/guarded.hpp"
#include "net/http/endpoint.hpp"
#include "net/inspector.hpp"
#include "net/metrics_page.hpp"
#include "net/runtime/access_log.hpp"
#include "net/runtime/descriptor_limit.hpp"
#include "net/runtime/last_resort.hpp"
#include "net/runtime/roster.hpp"
#include "net/runtime/scheduler.hpp"
#include "net/runtime/service_manager.hpp"
#include "net/runtime/stop_signals.hpp"
#include "net/runtime/vital_signs.hpp"
#include "net/runtime/watchdog.hpp"
#include "troupe/error.hpp"
#include "troupe/log.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <list>
#include <optional>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace troupe {

namespace {

using namespace std::chrono_literals;

/// Time limit for ending the program, in addition to that for closing
/// handshakes.
constexpr auto time_to_exit = 1500ms;

/// Interval between checks of the certificates' files.
constexpr auto reload_period = 1s;

/// Maximum number of connections to the port of `admin_config`: about half of
/// the file descriptors that `descriptors_for_connections` leaves.
constexpr size_t max_operators = 32;

/// Interval between checks whether all clients have gone and other nodes have
/// got everything.
constexpr auto drain_poll = 20ms;

/// Owns the lifeline, to which actors link that end with the program.
struct lifeline_owner {
  explicit lifeline_owner(caf::actor_system& sys)
    : actor(actors::spawn_pinned<actors::lifeline_actor>(
      sys, net::scheduler::control(sys))) {
  }

  lifeline_owner(const lifeline_owner&) = delete;
  lifeline_owner& operator=(const lifeline_owner&) = delete;

  ~lifeline_owner() {
    caf::anon_send(actor, actors::dismiss{});
  }

  caf::actor actor;
};

} // namespace

class app::impl {
public:
  impl(caf::actor_system& sys, const runtime_config& cfg,
       std::function<void()> on_loss)
    : system(sys),
      settings(cfg.ws),
      admin_settings(cfg.admin),
      signs(std::make_shared<net::vital_signs>(std::move(on_loss))),
      line(sys),
      node(sys, cfg.cluster),
      http(sys, cfg.http) {
    signs->watch(line.actor, "the lifeline of the app", {});
    signs->watch(node.handle(), "the cluster actor", {});
  }

  server& add(const std::string& path, config cfg) {
    auto& res = servers.emplace_back(system, std::move(cfg));
    endpoints.emplace_back(path, res.handler());
    http.route(path, res);
    node.add(path, res);
    signs->watch(res.registry(), "the registry of endpoint " + path,
                 [x = res.handler()] { return !x->is_lost(); });
    return res;
  }

  /// Returns the longest time limit for closing handshakes.
  caf::timespan close_timeout() const {
    caf::timespan result{0};
    for (const auto& x : servers)
      result = std::max(result, x.settings().close_timeout);
    return result;
  }

  /// Uses changed certificates and reopens the access log, once a second and on
  /// SIGHUP, until the program shall stop. The listener logs the result.
  void reload_until_stop(net::stop_signals& signals,
                         const net::service_manager& manager) {
    using kind = net::stop_signals::event;
    for (;;) {
      auto what = signals.wait_for(reload_period);
      if (what == kind::stop)
        return;
      if (what == kind::hang_up)
        manager.reloading();
      std::ignore = http.reload();
      net::access_log::of_process().follow();
      if (what == kind::hang_up)
        manager.ready(state());
    }
  }

  /// Opens the port for those who run the program, if there is one.
  caf::error start_admin() {
    auto address = base::parse_address(admin_settings.listen);
    if (!address)
      return caf::none;
    listener_config cfg{.host = address->host, .port = address->port};
    cfg.for_operators = true;
    cfg.limits.connections = max_operators;
    cfg.allowed_hosts = admin_settings.allowed_hosts;
    if (!cfg.allowed_hosts.empty() || admin_settings.inspector)
      cfg.allowed_hosts.emplace_back("localhost");
    admin.emplace(system, std::move(cfg));
    if (auto err = add_inspector())
      return err;
    admin->get("/metrics",
               make_metrics_page(system, {node.handle(), endpoints,
                                          [this] { return http.stats(); }}));
    if (auto port = admin->start(); !port)
      return port.error();
    log(log_level::info, {.category = "http"},
        "metrics at " + admin->url() + "/metrics");
    if (inspector_page)
      log(log_level::info, {.category = "http"},
          "inspector at " + admin->url() + "/inspector/");
    return caf::none;
  }

  caf::error add_inspector() {
    if (!admin_settings.inspector)
      return caf::none;
    std::string token;
    if (const auto& file = admin_settings.token_file; !file.empty()) {
      auto found = read_token(file);
      if (!found)
        return found.error();
      token = std::move(*found);
    }
    inspected what{&system, node.handle(), {}, [this] { return http.stats(); }};
    auto path = endpoints.begin();
    for (auto& x : servers)
      what.servers.emplace_back((path++)->first, &x);
    inspector_page.emplace(system, std::move(what), std::move(token));
    inspector_page->add_to(*admin);
    return caf::none;
  }

  void call_hooks() {
    for (const auto& f : hooks)
      guarded("runtime", "on_stop", f);
  }

  /// Lets clients go to other processes, in waves.
  void drain(const drain_config& how) {
    http.set_ready(false);
    if (admin)
      admin->set_ready(false);
    std::this_thread::sleep_for(how.delay);
    http.drain();
    for (auto& x : servers)
      x.drain(how.window);
    auto end = std::chrono::steady_clock::now() + how.window + how.patience;
    do
      std::this_thread::sleep_for(drain_poll);
    while (is_awaited() && std::chrono::steady_clock::now() < end);
  }

  /// Returns whether a client or another node has not got all yet.
  bool is_awaited() const {
    return has_connections() || http.has_requests() || has_queues();
  }

  bool has_connections() const {
    return std::ranges::any_of(servers, [](const server& x) {
      auto stats = x.stats();
      return stats.connections_opened != stats.connections_closed;
    });
  }

  /// Returns whether messages wait for other nodes. They would be lost.
  bool has_queues() const {
    auto others = node.nodes().get();
    return others && std::ranges::any_of(*others, [](const node_info& x) {
             return x.queued_bytes > 0;
           });
  }

  /// Returns what the program does once it has started.
  std::string state() const {
    return has_port ? "listening on " + http.local_url() : "running";
  }

  /// Starts all shutdowns before waiting for any, so that their time limits do
  /// not add up.
  void stop() {
    node.begin_stop();
    for (auto& x : servers)
      x.begin_stop();
    if (inspector_page)
      inspector_page->begin_stop();
    http.stop();
    admin.reset();
    node.stop();
    for (auto& x : servers)
      x.stop();
    if (inspector_page)
      inspector_page->stop();
  }

  caf::actor_system& system;
  config settings;
  admin_config admin_settings;
  std::shared_ptr<net::vital_signs> signs;
  lifeline_owner line; // Outlives the servers and the node.
  // Outlive the node and the listener, which refer to them.
  std::list<server> servers;
  troupe::cluster node;
  listener http;
  std::optional<inspector> inspector_page; // Outlives `admin`.
  std::optional<listener> admin;
  endpoint_list endpoints;
  std::vector<std::function<void()>> hooks;
  bool has_port = true;
};

app::app(caf::actor_system& sys, const runtime_config& cfg,
         std::function<void()> on_loss)
  : impl_(std::make_unique<impl>(sys, cfg, std::move(on_loss))) {
}

app::~app() = default;

caf::actor_system& app::system() noexcept {
  return impl_->system;
}

server& app::endpoint(std::string path) {
  return impl_->add(path, impl_->settings);
}

server& app::endpoint(std::string path, config cfg) {
  return impl_->add(path, std::move(cfg));
}

void app::serve(std::string path, content what) {
  impl_->http.serve(std::move(path), what);
}

void app::serve_files(std::string path, const std::string& folder,
                      const file_options& how) {
  impl_->http.serve_files(std::move(path), folder, how);
}

void app::add_get(std::string path, http_handler f,
                  std::optional<cors> others) {
  impl_->http.get(std::move(path), std::move(f), std::move(others));
}

void app::add_post(std::string path, http_handler f,
                   std::optional<cors> others) {
  impl_->http.post(std::move(path), std::move(f), std::move(others));
}

void app::serve_client(std::string path, const server& endpoint,
                       client_options options) {
  impl_->http.serve_client(std::move(path), endpoint, options);
}

cluster& app::cluster() noexcept {
  return impl_->node;
}

void app::without_port() noexcept {
  impl_->has_port = false;
}

listener_stats app::port_stats() const {
  return impl_->http.stats();
}

void app::on_stop(std::function<void()> f) {
  impl_->hooks.push_back(std::move(f));
}

const caf::actor& app::lifeline() const noexcept {
  return impl_->line.actor;
}

namespace {

int fail_to_start(const std::string& why) {
  std::cerr << "error: " << why << std::endl;
  return EXIT_FAILURE;
}

} // namespace

int app::start(const std::function<void(app&)>& setup) {
  try {
    setup(*this);
  } catch (const std::exception& e) {
    return fail_to_start(e.what());
  }
  auto& http = impl_->http;
  if (impl_->has_port)
    if (auto port = http.start(); !port)
      return fail_to_start(what(port.error()));
  if (auto port = impl_->node.start(); !port)
    return fail_to_start(what(port.error()));
  if (auto err = impl_->start_admin())
    return fail_to_start(what(err));
  std::cout << impl_->state() << std::endl;
  return EXIT_SUCCESS;
}

int run(int argc, char** argv, const std::function<void(app&)>& setup) {
  runtime_config cfg;
  return run(argc, argv, cfg, setup);
}

int run(int argc, char** argv, runtime_config& cfg,
        const std::function<void(app&)>& setup) {
  if (auto err = cfg.read(argc, argv))
    return fail_to_start(what(err));
  if (cfg.cli_helptext_printed)
    return EXIT_SUCCESS;
  auto& access = net::access_log::of_process();
  if (!cfg.access_log.empty())
    if (auto err = access.open(cfg.access_log))
      return fail_to_start(what(err));
  net::raise_descriptor_limit();
  net::service_manager manager;
  net::stop_signals signals;
  net::last_resort resort{signals, *cfg.roster_};
  caf::actor_system sys{cfg};
  auto status = EXIT_SUCCESS;
  {
    app program{sys, cfg, [&signals] { signals.request(); }};
    status = program.start(setup);
    auto has_started = status == EXIT_SUCCESS;
    auto& its = *program.impl_;
    if (has_started) {
      manager.ready(its.state());
      net::watchdog dog{net::scheduler::of(sys)->threads(),
                        manager.watchdog_time() / 2,
                        [&manager] { manager.alive(); }};
      its.reload_until_stop(signals, manager);
      manager.stopping("ending all connections");
    }
    if (!its.signs->rest())
      status = EXIT_FAILURE;
    const auto& drain = cfg.drain;
    auto time = its.close_timeout() + time_to_exit;
    if (drain.is_enabled())
      time += drain.delay + drain.window + drain.patience;
    resort.arm(time, status, sys);
    if (has_started) {
      its.call_hooks();
      if (drain.is_enabled())
        its.drain(drain);
      its.stop();
    }
  }
  resort.forget_system();
  return status;
}

} // namespace troupe
