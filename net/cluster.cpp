#include "troupe/cluster.hpp"

#include "actors/cluster/membership_actor.hpp"
#include "base/address.hpp"
#include "net/basp/basp_transport.hpp"
#include "net/runtime/scheduler.hpp"
#include "troupe/error.hpp"
#include "troupe/id.hpp"

#include <caf/scoped_actor.hpp>

#include <random>
#include <utility>

namespace troupe {

namespace {

/// Time limit for leaving the cluster. The membership waits a second for other
/// nodes; the rest is for busy machines.
constexpr auto patience = std::chrono::seconds{3};

uint64_t random_number() {
  std::random_device random;
  return uint64_t{random()} << 32 | random();
}

} // namespace

class cluster::impl {
public:
  impl(caf::actor_system& sys, cluster_config cfg)
    : system(sys),
      settings(std::move(cfg)),
      actor(actors::spawn_pinned<actors::membership_actor>(
        sys, net::scheduler::control(sys), settings,
        actors::node_identity{node_name(sys.node()), random_number()})) {
  }

  caf::expected<uint16_t> start() {
    if (!settings.enabled())
      return uint16_t{0};
    if (auto err = settings.validate())
      return err;
    for (const auto& x : servers)
      if (auto err = settings.validate_for(x))
        return err;
    if (net::scheduler::of(system) == nullptr || !system.has_middleman())
      return make_error(errc::foreign_runtime,
                        "runtime_config must know of the cluster");
    if (settings.listen.empty())
      settings.listen = "127.0.0.1:0";
    net = net::make_basp_transport(system, settings);
    auto port = net->listen(settings.listen, actor);
    if (port)
      caf::anon_send(actor, actors::begin_membership{address(*port), net});
    return port;
  }

  void begin_stop() {
    caf::anon_send(actor, actors::leave_cluster{});
  }

  void stop() {
    begin_stop();
    caf::scoped_actor self{system};
    self->monitor(actor);
    bool is_waiting = true;
    self->receive_while(
      is_waiting)([&](const caf::down_msg&) { is_waiting = false; },
                  caf::after(patience) >> [&] { is_waiting = false; });
    if (net)
      std::exchange(net, nullptr)->stop();
  }

  template <class T, class Message>
  query<T> ask(Message what) const {
    return {actor, caf::make_message(std::move(what))};
  }

  caf::actor_system& system;
  cluster_config settings;
  caf::actor actor;
  std::vector<config> servers; ///< Settings of the added servers.

private:
  /// Returns the address that is announced to other nodes.
  std::string address(uint16_t port) const {
    if (!settings.advertise.empty())
      return settings.advertise;
    return to_string(
      base::address{base::parse_address(settings.listen)->host, port});
  }

  std::shared_ptr<actors::cluster_transport> net;
};

cluster::cluster(caf::actor_system& sys, cluster_config cfg)
  : impl_(std::make_unique<impl>(sys, std::move(cfg))) {
}

cluster::~cluster() {
  stop();
}

void cluster::add(std::string name, const server& x) {
  impl_->servers.push_back(x.settings());
  x.set_directory(handle());
  caf::anon_send(impl_->actor,
                 actors::cluster_server{std::move(name), x.registry()});
}

caf::expected<uint16_t> cluster::start() {
  return impl_->start();
}

void cluster::begin_stop() {
  impl_->begin_stop();
}

void cluster::stop() {
  impl_->stop();
}

const caf::actor& cluster::handle() const noexcept {
  return impl_->actor;
}

query<std::vector<node_info>> cluster::nodes() const {
  return impl_->ask<std::vector<node_info>>(troupe::nodes{});
}

command<void> cluster::register_actor(std::string name, caf::actor who) {
  return {handle(), caf::make_message(
                      troupe::register_actor{std::move(name), std::move(who)})};
}

query<caf::actor> cluster::find_actor(std::string name) const {
  return impl_->ask<caf::actor>(troupe::find_actor{std::move(name)});
}

} // namespace troupe
