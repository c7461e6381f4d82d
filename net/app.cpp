#include "troupe/app.hpp"

#include "troupe/error.hpp"
#include "troupe/log.hpp"

#include <caf/actor_system.hpp>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <list>

namespace troupe {

class app::impl {
public:
  impl(caf::actor_system& sys, const runtime_config& cfg)
    : system(sys),
      settings(cfg.ws),
      node(sys, cfg.cluster),
      http(sys, cfg.http) {
  }

  server& add(const std::string& path, config cfg) {
    auto& res = servers.emplace_back(system, std::move(cfg));
    http.route(path, res);
    node.add(path, res);
    return res;
  }

  caf::actor_system& system;
  config settings;
  std::list<server> servers; // Outlives those that lead to it.
  troupe::cluster node;
  listener http;
  bool has_port = true;
};

app::app(caf::actor_system& sys, const runtime_config& cfg)
  : impl_(std::make_unique<impl>(sys, cfg)) {
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

namespace {

int refuse(const std::string& why) {
  std::cerr << "error: " << why << std::endl;
  return EXIT_FAILURE;
}

/// SIGINT and SIGTERM, kept from every thread until we ask for them.
class signals {
public:
  signals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    // Before the runtime starts: its threads inherit the mask.
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }

  void wait() {
    int received = 0;
    sigwait(&set_, &received);
  }

private:
  sigset_t set_;
};

} // namespace

int run(int argc, char** argv, const std::function<void(app&)>& setup) {
  runtime_config cfg;
  return run(argc, argv, cfg, setup);
}

int run(int argc, char** argv, runtime_config& cfg,
        const std::function<void(app&)>& setup) {
  if (auto err = cfg.read(argc, argv))
    return refuse(what(err));
  if (cfg.cli_helptext_printed)
    return EXIT_SUCCESS;
  signals stop;
  caf::actor_system sys{cfg};
  app program{sys, cfg};
  try {
    setup(program);
  } catch (const std::exception& e) {
    return refuse(e.what());
  }
  auto has_port = program.impl_->has_port;
  auto& http = program.impl_->http;
  auto& node = program.impl_->node;
  if (has_port)
    if (auto port = http.start(); !port)
      return refuse(what(port.error()));
  if (auto port = node.start(); !port)
    return refuse(what(port.error()));
  std::cout << (has_port ? "listening on " + http.url() : "running")
            << std::endl;
  stop.wait();
  http.stop();
  node.stop();
  // All at once: each waits for its clients when it is destroyed.
  for (auto& x : program.impl_->servers)
    x.begin_stop();
  return EXIT_SUCCESS;
}

} // namespace troupe
