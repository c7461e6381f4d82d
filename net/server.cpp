/// Part of the composition root (net/*.cpp), which alone combines sockets and
/// actors.

#include "troupe/server.hpp"

#include "actors/connection_actor.hpp"
#include "actors/connection_upper_layer.hpp"
#include "actors/drain_actor.hpp"
#include "actors/registry_actor.hpp"
#include "actors/server_publisher.hpp"
#include "actors/service_actor.hpp"
#include "base/guarded.hpp"
#include "net/http/endpoint.hpp"
#include "net/http/upgrade_handoff.hpp"
#include "net/runtime/scheduler.hpp"
#include "net/ws/ws_limits.hpp"
#include "troupe/error.hpp"
#include "troupe/id.hpp"
#include "troupe/log.hpp"
#include "troupe/upgraded.hpp"

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>

#include <unistd.h>

namespace troupe {

namespace {

/// Additional time for the actors of connections to terminate.
constexpr auto time_for_actors = std::chrono::milliseconds{100};

std::string random_id(const caf::node_id& node) {
  // One generator per thread; seeded from the system's entropy.
  thread_local boost::uuids::random_generator generate;
  return boost::uuids::to_string(generate()) + '@' + node_name(node);
}

std::vector<actors::event_loop*> event_loops_of(caf::actor_system& sys) {
  std::vector<actors::event_loop*> res;
  if (auto* scheduler = net::scheduler::of(sys))
    for (const auto& x : scheduler->workers())
      res.push_back(x.get());
  return res;
}

} // namespace

class server::impl final : public net::endpoint {
public:
  impl(caf::actor_system& sys, config cfg, server* owner)
    : system(sys),
      core(std::make_shared<actors::server_core>()) {
    core->settings = std::move(cfg);
    core->owner = owner;
    limits = std::make_shared<net::ws_limits>(core->settings);
    auto* at = net::scheduler::control(sys);
    core->registry = actors::spawn_pinned<actors::registry_actor>(
      sys, at, core, event_loops_of(sys));
    core->present.enter();
    core->registry->attach_functor([c = core] { c->present.leave(); });
    publisher = actors::spawn_pinned<actors::server_publisher>(sys, at, core);
    publish_target.emplace(core, publisher);
  }

  const config& settings() const noexcept override {
    return core->settings;
  }

  std::shared_ptr<actors::upper_layer>
  attach(std::shared_ptr<actors::lower_layer> socket, request req,
         net::worker& event_loop) override {
    auto id = make_id(req);
    auto actor = actors::spawn_pinned<actors::connection_actor>(
      system, &event_loop, core, std::move(id), std::move(req),
      std::move(socket));
    return actors::make_upper_layer(std::move(actor));
  }

  server_stats stats() const override {
    const auto& x = core->stats;
    return {
      .connections_opened = x.connections_opened,
      .connections_closed = x.connections_closed,
      .messages_in = x.messages_in,
      .unknown_events = x.unknown_events,
      .malformed_events = x.malformed_events,
      .unfit_values = x.unfit_values,
      .handler_failures = x.handler_failures,
      .slow_receivers = x.slow_receivers,
      .messages_dropped = x.messages_dropped,
      .backlog_dropped = x.backlog_dropped,
      .messages_conflated = x.messages_conflated,
      .ids_refused = x.ids_refused,
      .ids_lost = x.ids_lost,
      .output_dropped = x.output_dropped,
      .joins_refused = x.joins_refused,
      .rooms_refused = x.rooms_refused,
      .members_removed = x.members_removed,
      .rates_exceeded = x.rates_exceeded,
      .rooms = x.rooms,
    };
  }

  bool is_lost() const noexcept override {
    auto* actor = caf::actor_cast<caf::abstract_actor*>(core->registry);
    return !is_stopping && actor->getf(caf::abstract_actor::is_terminated_flag);
  }

  upgraded take_over(net::foreign_socket x) {
    auto* scheduler = net::scheduler::of(system);
    if (scheduler == nullptr) {
      ::close(x.descriptor);
      return upgraded{make_error(errc::foreign_runtime)};
    }
    auto& event_loop = scheduler->next_worker();
    auto begun = net::upgrade_handoff::begin(std::move(x), settings(), limits,
                                             event_loop);
    if (!begun)
      return upgraded{begun.error()};
    auto actor = actors::spawn_pinned<actors::connection_actor>(
      system, &event_loop, core, make_id(begun->req()), begun->req(),
      begun->lower_layer(), actors::reading::when_told);
    begun->finish(actors::make_upper_layer(actor),
                  [actor] { caf::anon_send(actor, actors::socket_open{}); });
    return {std::move(actor), settings()};
  }

  /// Returns the time limit for connections to end. Sessions apply
  /// `close_timeout` themselves with the precision of a tick.
  caf::timespan patience() const {
    return core->settings.close_timeout + std::chrono::seconds{1};
  }

  void begin_stop() {
    is_stopping = true;
    caf::anon_send(core->registry, actors::stop{patience()});
  }

  void stop() {
    begin_stop();
    auto* here = net::worker::current();
    if (here != nullptr && &here->system() == &system) {
      log(log_level::error, {.category = "runtime"},
          "server::stop was called on a runtime thread, where it cannot wait");
      return;
    }
    auto end = std::chrono::steady_clock::now() + patience() + time_for_actors;
    if (core->present.wait_until(end))
      return;
    tell_what_it_waits_for();
    core->present.wait();
  }

  void tell_what_it_waits_for() const {
    auto line = "a server waits for the end of "
                + std::to_string(core->present.count()) + " of its actors";
    auto* scheduler = net::scheduler::of(system);
    auto held = scheduler == nullptr ? "" : scheduler->held_threads();
    if (!held.empty())
      line += ": " + held;
    log(log_level::warning, {.category = "runtime"}, line);
  }

  template <class T, class Message>
  query<T> ask(Message what) const {
    return {core->registry, caf::make_message(std::move(what))};
  }

  /// Queries the registry through the publisher, in order with what the server
  /// has sent.
  template <class T, class Message>
  query<T> ask_in_order(Message what) const {
    return {publisher, caf::make_message(std::move(what))};
  }

  /// Queries all nodes.
  template <class T, class Message>
  query<partial<T>> ask_all(Message what) const {
    return ask<partial<T>>(msg::survey{caf::make_message(std::move(what))});
  }

  template <class T, class Message>
  query<partial<T>> ask_all_in_order(Message what) const {
    return ask_in_order<partial<T>>(
      msg::survey{caf::make_message(std::move(what))});
  }

  /// Sends a command to the connection `id`, in order with what the server has
  /// sent.
  template <class T, class Message>
  command<T> order(std::string id, Message what) const {
    return {publisher, caf::make_message(msg::forward{
                         std::move(id), caf::make_message(std::move(what))})};
  }

  caf::actor_system& system;
  std::shared_ptr<actors::server_core> core;
  caf::actor publisher;
  std::optional<actors::server_target> publish_target;
  std::shared_ptr<const net::ws_limits> limits;
  std::atomic<bool> is_stopping = false;

private:
  /// Refuses ids in the form of another node's ids: messages to such an id are
  /// sent to that node, so they would miss this connection or reach another
  /// one.
  std::string accepted(std::string id) const {
    auto node = node_of(id);
    if (node.empty() || node == node_name(system.node()))
      return id;
    log_limited(log_level::error, {.category = "http"},
                "id_generator returned an id of another node: " + id);
    return {};
  }

  std::string make_id(const request& req) {
    const auto& generate = core->settings.id_generator;
    if (!generate)
      return random_id(system.node());
    std::string result; // Empty if invalid; the registry refuses it.
    guarded("http", "id_generator", [&] { result = accepted(generate(req)); });
    return result;
  }
};

server::server(caf::actor_system& sys, config cfg)
  : impl_(std::make_shared<impl>(sys, std::move(cfg), this)) {
}

server::~server() {
  stop();
  impl_->core->release_callbacks();
}

void server::on_connection(callback<troupe::connection&> f) {
  impl_->core->add(std::move(f));
}

void server::rooms(std::string pattern, room_options options) {
  impl_->core->rooms.add(std::move(pattern), std::move(options));
}

void server::serve(std::string event, caf::actor who, serve_options how) {
  add_service(std::move(event), actors::make_service(std::move(who), how));
}

void server::serve(std::string event, std::string name, serve_options how) {
  add_service(std::move(event), actors::make_service(std::move(name), how));
}

void server::add_service(std::string event, event_handler f) {
  impl_->core->services.add(std::move(event), std::move(f));
}

void server::set_directory(caf::actor cluster) const {
  impl_->core->set_directory(std::move(cluster));
}

const config& server::settings() const noexcept {
  return impl_->core->settings;
}

const caf::actor& server::registry() const noexcept {
  return impl_->core->registry;
}

server_stats server::stats() const {
  return impl_->stats();
}

// -- sending ------------------------------------------------------------------

emitter server::to(recipient whom) {
  return {*impl_->publish_target, std::move(whom)};
}

emitter server::to_room(std::string_view name) {
  return {*impl_->publish_target, recipient::room(name)};
}

emitter server::to_connection(std::string_view id) {
  return {*impl_->publish_target, recipient::connection(id)};
}

publisher server::publisher_for(caf::local_actor& self) const {
  return {self, registry(), settings()};
}

// -- queries ------------------------------------------------------------------

query<connection_info> server::connection(std::string id) const {
  return impl_->ask<connection_info>(msg::connection{std::move(id)});
}

query<std::vector<connection_info>> server::connections() const {
  return impl_->ask<std::vector<connection_info>>(msg::connections{});
}

query<std::vector<connection_info>>
server::connections_by_room(std::string room) const {
  return impl_->ask_in_order<std::vector<connection_info>>(
    msg::connections_by_room{std::move(room)});
}

query<uint64_t> server::total_connections() const {
  return impl_->ask<uint64_t>(msg::total_connections{});
}

query<bool> server::is_connected(std::string id) const {
  return impl_->ask<bool>(msg::is_connected{std::move(id)});
}

query<bool> server::is_joined(std::string room, std::string id) const {
  return impl_->ask_in_order<bool>(msg::forward{
    std::move(id), caf::make_message(msg::is_joined{std::move(room)})});
}

query<partial<std::vector<connection_info>>>
server::connections(everywhere_t) const {
  return impl_->ask_all<std::vector<connection_info>>(msg::connections{});
}

query<partial<std::vector<connection_info>>>
server::connections_by_room(std::string room, everywhere_t) const {
  return impl_->ask_all_in_order<std::vector<connection_info>>(
    msg::connections_by_room{std::move(room)});
}

query<partial<uint64_t>> server::total_connections(everywhere_t) const {
  return impl_->ask_all<uint64_t>(msg::total_connections{});
}

query<partial<bool>> server::is_connected(std::string id, everywhere_t) const {
  return impl_->ask_all<bool>(msg::is_connected{std::move(id)});
}

query<partial<bool>> server::is_joined(std::string room, std::string id,
                                       everywhere_t) const {
  return impl_->ask_all_in_order<bool>(msg::forward{
    std::move(id), caf::make_message(msg::is_joined{std::move(room)})});
}

command<void> server::join(std::string room, std::string id) {
  return impl_->order<void>(std::move(id), msg::join{std::move(room), nullptr});
}

command<bool> server::leave(std::string room, std::string id) {
  return impl_->order<bool>(std::move(id),
                            msg::leave{std::move(room), nullptr});
}

command<void> server::leave_all(std::string id) {
  return impl_->order<void>(std::move(id), msg::leave_all{});
}

command<void> server::disconnect(std::string id, close_code code,
                                 std::string reason) {
  return impl_->order<void>(std::move(id),
                            msg::disconnect{code, std::move(reason)});
}

// -- other members ------------------------------------------------------------

std::shared_ptr<net::endpoint> server::handler() const noexcept {
  return impl_;
}

upgraded server::take_over(int socket, std::string head, size_t bytes_beyond) {
  return impl_->take_over({socket, std::move(head), bytes_beyond});
}

void server::drain(caf::timespan window) {
  actors::spawn_drain(impl_->system, registry(), window);
}

void server::begin_stop() {
  impl_->begin_stop();
}

void server::stop() {
  impl_->stop();
}

} // namespace troupe
