#include "actors/announcer.hpp"

#include "actors/registry.hpp"

#include <caf/send.hpp>

#include <utility>

namespace troupe::actors {

announcer_actor::announcer_actor(caf::actor_config& cfg, home* at,
                                 caf::actor registry)
  : runtime_actor(cfg, at),
    registry_(std::move(registry)),
    outbox_(this, nullptr, registry_,
            [](caf::event_based_actor*, outbox::own_item&) {}) {
  belong_to(registry_);
  send(registry_, announcer_here{});
}

caf::behavior announcer_actor::make_behavior() {
  return {
    [this](announcement& x) {
      outbox_.send(publish{std::move(x.name), std::move(x.message), false, true,
                           scope_of(x.whom)});
    },
    [this](const confirmed& x) { outbox_.confirmed(x.count); },
    [this](const room_down& x) {
      outbox_.forget(caf::actor_cast<caf::actor>(current_sender()), x.name);
    },
  };
}

server_outlet::server_outlet(std::shared_ptr<const server_core> core,
                             caf::actor announcer)
  : core_(std::move(core)),
    announcer_(std::move(announcer)) {
}

void server_outlet::send_to(audience whom, const std::string& name,
                            frame message) {
  caf::anon_send(announcer_, announcement{whom, name, std::move(message)});
}

} // namespace troupe::actors
