/// Subjects that depend on how much a room gathers, so they run on a stepped
/// world.

#include "meter.hpp"
#include "stepped_world.hpp"
#include "subjects.hpp"
#include "world.hpp"

#include <caf/send.hpp>

namespace troupe::growth {

namespace {

/// A room whose visitors join, publish a message and leave.
class lobby {
public:
  lobby(stepped_world& w, size_t members)
    : w_(w),
      visitor_(w.actors().spawn()) {
    for (size_t i = 0; i < members; ++i)
      caf::anon_send(w_.server().registry(),
                     msg::join{name, w_.actors().spawn()});
    w_.run();
  }

  void visit(size_t visits) {
    for (size_t i = 0; i < visits; ++i) {
      caf::anon_send(w_.server().registry(), msg::join{name, visitor_});
      speak();
      caf::anon_send(w_.server().registry(), msg::leave{name, visitor_});
    }
    w_.run();
  }

  void speak(size_t messages) {
    for (size_t i = 0; i < messages; ++i)
      speak();
    w_.run();
  }

private:
  static constexpr const char* name = "lobby";

  void speak() {
    caf::anon_send(w_.server().registry(),
                   msg::publish{.to = recipient::room(name),
                                .message = frame::text("hello")});
  }

  stepped_world& w_;
  caf::actor visitor_;
};

} // namespace

void big_room(size_t n) {
  constexpr size_t visits = 16;
  stepped_world w;
  lobby x{w, n};
  measure("big-room-talk", n, [&] { x.speak(visits); });
  measure_beyond("big-room-talk", "big-room-visits", visits,
                 [&] { x.visit(visits); });
}

void server_emitter(size_t n) {
  stepped_world w;
  auto who = w.actors().spawn();
  for (size_t i = 0; i < n; ++i)
    caf::anon_send(w.server().registry(), msg::join{name_of(i), who});
  w.run();
  size_t rounds = 0;
  measure("server-emitter", n, [&] {
    for (size_t i = 0; i < n; ++i)
      w.server().to_room(name_of(i)).emit_message("hello");
    rounds = w.run();
  });
  print("server-emitter-rounds",
        static_cast<double>(rounds) / static_cast<double>(n));
}

} // namespace troupe::growth
