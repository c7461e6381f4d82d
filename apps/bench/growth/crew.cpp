#include "crew.hpp"

#include <troupe/troupe.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

namespace troupe::growth {

namespace {

caf::behavior count(caf::event_based_actor*, tally* counts) {
  return {
    [=](const msg::joined&) { counts->add(event::joined); },
    [=](const msg::deliver& x) {
      counts->add(event::delivered, x.messages.entries().size());
    },
    [=](const msg::room_up&) { counts->add(event::room_up); },
    [=](const msg::room_down&) { counts->add(event::room_down); },
    [=](const msg::connection_up&) { counts->add(event::connection_up); },
    [=](const msg::connection_down&) { counts->add(event::connection_down); },
    [=](const node_up&) { counts->add(event::node_up); },
    [=](const node_down&) { counts->add(event::node_down); },
    [=](const actor_up&) { counts->add(event::actor_up); },
    [=](const actor_down&) { counts->add(event::actor_down); },
  };
}

} // namespace

caf::actor crew::spawn() {
  auto& result = all_.emplace_back(system_.spawn(count, &counts_));
  // The functor attached first runs last, after those of monitoring actors.
  result->attach_functor([x = &counts_] { x->add(event::died); });
  return result;
}

std::vector<caf::actor> crew::spawn(size_t n) {
  std::vector<caf::actor> result;
  for (size_t i = 0; i < n; ++i)
    result.push_back(spawn());
  return result;
}

void crew::end(const std::vector<caf::actor>& xs) {
  for (const auto& x : xs)
    caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
}

} // namespace troupe::growth
