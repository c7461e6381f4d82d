/// A server whose clients choose what their events cost: flooders make it busy
/// with that, and others show who waits for them.

#include <troupe/troupe.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/type_id.hpp>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>
#include <thread>
#include <tuple>
#include <unistd.h>

using troupe::connection;
using troupe::frame;

namespace {

using microseconds = std::chrono::microseconds;

/// Keeps the thread, as a handler that computes does.
void work(microseconds time) {
  auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end)
    ;
}

/// Has something to do again as soon as it has done something. Ends with the
/// server.
caf::behavior busy_actor(caf::event_based_actor* self, caf::actor registry) {
  self->link_to(registry);
  self->send(self, caf::tick_atom_v);
  return {
    [self](caf::tick_atom) {
      work(microseconds{50});
      self->send(self, caf::tick_atom_v);
    },
  };
}

/// Answers nothing before it ends, with the server.
caf::behavior silent_actor(caf::event_based_actor* self, caf::actor registry) {
  self->link_to(registry);
  self->set_default_handler(caf::skip);
  return {[](caf::unit_t) {}};
}

void serve(connection& c) {
  c.on_message([](connection& me, const frame& x) { me.emit_message(x); });
  c.on("event", [](connection& me, const std::string& x) { //
    me.emit("event", x);
  });
  // How long, in microseconds.
  c.on("work", [](connection&, int64_t x) { work(microseconds{x}); });
  // The same without use of the processor: what a handler must never do.
  c.on("block", [](connection&, int64_t x) {
    std::this_thread::sleep_for(microseconds{x});
  });
  c.on("join",
       [](connection& me, const std::string& x) { std::ignore = me.join(x); });
  c.on("leave", [](connection& me, const std::string& x) { me.leave(x); });
  c.on("say", [](connection& me, const std::string& x) {
    me.to_room("crowd").emit("said", x);
  });
  // Handles nothing more until the server ends.
  c.on("await", [](connection& me) {
    auto silent = me.self().spawn(silent_actor, me.server().registry());
    // Which nobody else holds on to.
    me.self().request(silent, caf::infinite, caf::tick_atom_v).await([silent] {
    });
  });
  c.on("busy", [](connection& me) {
    me.self().spawn(busy_actor, me.server().registry());
  });
  // Loses some memory, which a leak check is to notice.
  c.on("leak", [](connection&) {
    static_cast<void>(::strdup("Where did I leave this?"));
  });
  // Which of the process's threads serves this connection.
  c.on("thread", [](connection& me) {
    me.emit("thread", static_cast<int64_t>(::gettid()));
  });
}

} // namespace

int main(int argc, char** argv) {
  troupe::runtime_config cfg;
  cfg.ws.enable_compression = true;
  return troupe::run(argc, argv, cfg, [](troupe::app& app) {
    app.endpoint("/probe").on_connection(serve);
  });
}
