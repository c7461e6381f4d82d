#include "actors/announcer.hpp"

#include "actors/outbox.hpp"
#include "actors/registry.hpp"

#include <caf/send.hpp>

#include <utility>

namespace troupe::actors {

namespace {

/// How much of it may be on its way.
constexpr size_t max_unconfirmed = 4096;

size_t size_of(const frame& message) {
  return message.payload().size() + outbox::overhead;
}

} // namespace

announcer_actor::announcer_actor(caf::actor_config& cfg, home* at,
                                 std::shared_ptr<server_core> core)
  : runtime_actor(cfg, at),
    core_(std::move(core)) {
  belong_to(core_->registry);
  send(core_->registry, announcer_here{});
}

caf::behavior announcer_actor::make_behavior() {
  return {
    [this](announcement& x) {
      waiting_.push_back(std::move(x));
      send_on();
    },
    [this](const confirmed& x) {
      tickets_.close(x.first, x.last);
      send_on();
    },
  };
}

/// As fast as rooms deliver it.
void announcer_actor::send_on() {
  while (!waiting_.empty() && tickets_.open() < max_unconfirmed) {
    auto x = std::move(waiting_.front());
    waiting_.pop_front();
    core_->announced -= size_of(x.message);
    send(core_->registry,
         publish{std::move(x.to), std::move(x.message), tickets_.issue()});
  }
}

server_outlet::server_outlet(std::shared_ptr<server_core> core,
                             caf::actor announcer)
  : core_(std::move(core)),
    announcer_(std::move(announcer)) {
}

void server_outlet::send_to(const recipient& to, frame message) {
  auto size = size_of(message);
  auto before = core_->announced.fetch_add(size);
  if (before > 0 && before + size > core_->settings.max_output_bytes) {
    core_->announced -= size;
    add_one(core_->stats.output_dropped);
    return;
  }
  caf::anon_send(announcer_, announcement{to, std::move(message)});
}

} // namespace troupe::actors
