#include "world.hpp"

#include <limits>

namespace troupe::growth {

namespace {

caf::behavior count_events(caf::event_based_actor* self, tally* counts,
                           caf::actor registry) {
  self->send(registry, subscribe{self});
  self->link_to(registry);
  return {
    [=](const room_up&) { counts->add(event::room_up); },
    [=](const room_down&) { counts->add(event::room_down); },
    [=](const connection_up&) { counts->add(event::connection_up); },
    [=](const connection_down&) { counts->add(event::connection_down); },
  };
}

caf::behavior count_messages(caf::event_based_actor* self, tally* counts,
                             caf::actor registry) {
  self->link_to(registry);
  return {
    [=](const joined&) { counts->add(event::joined); },
    [=](const deliver& x) {
      counts->add(event::delivered, x.messages.entries().size());
    },
    [](const room_down&) {},
  };
}

} // namespace

settings::settings(size_t n) {
  constexpr auto unlimited = std::numeric_limits<uint32_t>::max();
  threads = n;
  ws.max_rooms = unlimited;
  ws.max_rooms_per_connection = unlimited;
  ws.max_unread_batches = unlimited;
  ws.max_output_bytes = unlimited;
  ws.max_backlog_bytes = unlimited;
  ws.ping_period = std::chrono::hours{1};
  ws.pong_timeout = std::chrono::hours{2};
  slow_handler = std::chrono::hours{1}; // Callgrind makes all handlers slow.
  cluster.heartbeat = std::chrono::minutes{1};
  cluster.timeout = std::chrono::hours{1};
}

world::world(size_t threads)
  : settings_(threads),
    system_(settings_),
    server_(system_, settings_.ws) {
  system_.spawn(count_events, &counts_, registry());
}

caf::actor world::spawn_member() {
  return system_.spawn(count_messages, &counts_, registry());
}

std::string name_of(size_t index) {
  return "name-" + std::to_string(index);
}

} // namespace troupe::growth
