/// Refuses messages that are not events of the chat; they count against the
/// guest's allowance.

#include "behaviors.hpp"

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
  // An invalid event, or one whose data no handler accepts.
  c.on_error(
    [me](connection& self, const caf::error&) { on_nonsense(self, *me); });
}

} // namespace chat
