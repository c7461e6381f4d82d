#include "troupe/listener.hpp"

#include "net/http/http_port.hpp"
#include "net/runtime/inherited_sockets.hpp"
#include "net/runtime/scheduler.hpp"
#include "troupe/error.hpp"
#include "troupe/server.hpp"

#include <mutex>
#include <utility>

namespace troupe {

namespace {

/// Returns the address of an inherited socket, or `fallback`.
std::string host_of(const net::descriptor& socket, std::string fallback) {
  net::error_code ec;
  auto where = net::local_end(socket, ec);
  return ec ? fallback : where.address().to_string();
}

} // namespace

class listener::impl {
public:
  impl(caf::actor_system& sys, listener_config cfg)
    : system{sys},
      settings{std::move(cfg)} {
  }

  /// Keeps the first error, which `start` returns.
  void check(caf::error err) {
    if (!wrong)
      wrong = std::move(err);
  }

  caf::actor_system& system;
  listener_config settings;
  caf::error wrong; ///< Error of a route or of the settings of an endpoint.
  net::routes routes;
  mutable std::mutex mutex; ///< Guards changes of `port`, for `stats`.
  std::shared_ptr<net::http_port> port; ///< Null unless it is open.
};

listener::listener(caf::actor_system& sys, listener_config cfg)
  : impl_{std::make_shared<impl>(sys, std::move(cfg))} {
}

listener::~listener() {
  if (impl_)
    stop();
}

listener::listener(listener&&) noexcept = default;

void listener::route(std::string path, server& endpoint) {
  impl_->check(endpoint.settings().validate());
  impl_->check(impl_->routes.add(std::move(path), endpoint.handler()));
}

void listener::serve(std::string path, content what) {
  impl_->check(impl_->routes.add(std::move(path), what));
}

void listener::serve_files(std::string path, const std::string& folder,
                           const file_options& how) {
  impl_->check(impl_->routes.add(std::move(path), folder, how));
}

void listener::add_get(std::string path, http_handler f,
                       std::optional<cors> others) {
  impl_->check(
    impl_->routes.add(std::move(path), std::move(f), std::move(others)));
}

void listener::add_post(std::string path, http_handler f,
                        std::optional<cors> others) {
  impl_->check(
    impl_->routes.add_post(std::move(path), std::move(f), std::move(others)));
}

void listener::serve_client(std::string path, const server& endpoint,
                            client_options options) {
  auto make = path.ends_with(".mjs") ? client_module : client_source;
  auto code
    = std::make_shared<const std::string>(make(endpoint.settings(), options));
  serve(std::move(path), {*code, "text/javascript; charset=utf-8", {}, code});
}

caf::expected<uint16_t> listener::start() {
  if (impl_->port)
    return impl_->settings.port;
  if (auto err = impl_->settings.validate())
    return err;
  if (impl_->wrong)
    return impl_->wrong;
  auto* scheduler = net::scheduler::of(impl_->system);
  if (scheduler == nullptr)
    return make_error(errc::foreign_runtime);
  net::http_port::workers event_loops;
  for (const auto& x : scheduler->workers())
    event_loops.push_back(x.get());
  auto inherited = net::inherited_sockets::of_process().take("http");
  if (!inherited.empty())
    impl_->settings.host = host_of(inherited.front(), impl_->settings.host);
  auto port = std::make_shared<net::http_port>(impl_->settings, impl_->routes,
                                               event_loops);
  auto result = port->open(std::move(inherited));
  if (result) {
    std::lock_guard guard{impl_->mutex};
    impl_->port = std::move(port);
    impl_->settings.port = *result;
  }
  return result;
}

caf::error listener::reload() {
  return impl_->port ? impl_->port->reload() : caf::none;
}

void listener::set_ready(bool x) {
  if (impl_->port)
    impl_->port->set_ready(x);
}

void listener::drain() {
  if (impl_->port)
    impl_->port->drain();
}

bool listener::has_requests() const {
  return impl_->port && impl_->port->has_requests();
}

std::string listener::url() const {
  const auto& result = impl_->settings.public_url;
  return result.empty() ? local_url() : result;
}

std::string listener::local_url() const {
  auto host = impl_->settings.host;
  if (host == "0.0.0.0") // not an address to connect to
    host = "127.0.0.1";
  else if (host == "::")
    host = "::1";
  if (host.find(':') != host.npos)
    host = '[' + host + ']';
  return (impl_->settings.tls.is_enabled() ? "https://" : "http://") + host
         + ':' + std::to_string(impl_->settings.port);
}

listener_stats listener::stats() const {
  std::lock_guard guard{impl_->mutex};
  return impl_->port ? impl_->port->clients().stats() : listener_stats{};
}

void listener::stop() {
  std::shared_ptr<net::http_port> port;
  {
    std::lock_guard guard{impl_->mutex};
    port = std::exchange(impl_->port, nullptr);
  }
  if (port)
    port->close();
}

} // namespace troupe
