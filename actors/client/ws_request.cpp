#include "troupe/ws_request.hpp"

#include "actors/client/client_actor.hpp"

#include <caf/send.hpp>

namespace troupe::detail {

request_outcome gone() {
  return {{}, {"gone", "the client is closed", {}}};
}

void ask(const caf::actor& client, client_question what,
         std::function<void(const request_outcome&)> f) {
  // If the client has ended, nobody runs the task, and its end calls `f`.
  caf::anon_send(client, actors::client_task{
                           [what = std::move(what),
                            f = actors::request_callback{std::move(f)}] //
                           (actors::client_actor & x) { x.ask(what, f); }});
}

} // namespace troupe::detail
