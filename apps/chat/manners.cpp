/// What is no event of ours: it counts against the guest's allowance, too.

#include "behaviours.hpp"

using troupe::connection;

namespace chat {

namespace {

void on_nonsense(connection& c, guest& me) {
  if (me.events.take())
    refuse(c, {}, "This message was not understood.");
  else
    refuse_excess(c, me, {});
}

} // namespace

void manners(connection& c, const guest_ptr& me) {
  c.on_message(
    [me](connection& self, const troupe::frame&) { on_nonsense(self, *me); });
  // A broken event, or one with data that fits no handler.
  c.on_error(
    [me](connection& self, const caf::error&) { on_nonsense(self, *me); });
}

} // namespace chat
