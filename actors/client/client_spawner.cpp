#include "actors/client/client_spawner.hpp"

#include "actors/client/client_actor.hpp"

#include <caf/send.hpp>

#include <cstddef>
#include <memory>
#include <utility>

namespace troupe::actors {

ws_client client_spawner::spawn(caf::actor_system& sys, event_loop* at,
                                ws_client_options options, client_dialer dial,
                                const std::function<void(ws_client&)>& setup) {
  auto core = std::make_shared<client_core>(std::move(options));
  ws_client result{spawn_pinned<client_actor>(sys, at, core, std::move(dial)),
                   core};
  // The handle in the deleter is not counted itself.
  result.last_ = {nullptr, [x = result](std::nullptr_t) mutable { x.close(); }};
  if (setup)
    setup(result);
  caf::anon_send(result.impl_, client_task{[](client_actor& x) { x.start(); }});
  return result;
}

} // namespace troupe::actors
