#include "meter.hpp"
#include "subjects.hpp"
#include "world.hpp"

#include <caf/send.hpp>

namespace troupe::growth {

void actor_member(size_t n) {
  world w;
  auto who = w.spawn_member();
  measure("actor-joins", n, [&] {
    for (size_t i = 0; i < n; ++i)
      caf::anon_send(w.registry(), join{name_of(i), who});
    w.counts().await(event::joined, n);
  });
  measure("actor-dies", n, [&] {
    caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
    w.counts().await(event::room_down, n);
  });
}

} // namespace troupe::growth
