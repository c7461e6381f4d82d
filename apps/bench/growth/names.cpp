/// Subjects about names of actors in a cluster.

#include "crew.hpp"
#include "meter.hpp"
#include "subjects.hpp"
#include "world.hpp"

#include <caf/send.hpp>

namespace troupe::growth {

namespace {

void look_up(world& w, size_t n) {
  for (size_t i = 0; i < n; ++i)
    caf::anon_send(w.cluster().handle(), find_actor{name_of(i)});
}

} // namespace

void names(size_t n) {
  world w;
  auto owners = w.actors().spawn(n);
  measure("names-come", n, [&] {
    for (size_t i = 0; i < n; ++i)
      caf::anon_send(w.cluster().handle(),
                     register_actor{name_of(i), owners[i]});
    w.counts().await(event::actor_up, n);
  });
  measure("names-found", n, [&] {
    look_up(w, n);
    w.sync();
  });
  measure("names-go", n, [&] {
    crew::end(owners);
    w.counts().await(event::actor_down, n);
  });
}

void names_of_one(size_t n) {
  world w;
  auto owner = w.actors().spawn();
  measure("names-of-one-come", n, [&] {
    for (size_t i = 0; i < n; ++i)
      caf::anon_send(w.cluster().handle(), register_actor{name_of(i), owner});
    w.counts().await(event::actor_up, n);
  });
  measure("names-of-one-go", n, [&] {
    crew::end({owner});
    w.counts().await(event::actor_down, n);
  });
}

} // namespace troupe::growth
