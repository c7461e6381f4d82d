/// Messages to another guest by nickname. The directory knows the connection of
/// each nickname.

#include "behaviors.hpp"

#include "directory.hpp"
#include "text.hpp"

#include <caf/event_based_actor.hpp>

using troupe::connection;

namespace chat {

namespace {

void on_whisper(connection& c, guest& me, const whispering& x) {
  auto text = check_text(x.text);
  auto to = check_nick(x.to);
  if (!text)
    return refuse(c, x.id, text.problem);
  if (!to)
    return refuse(c, x.id, to.problem);
  if (!is_message_id(x.id))
    return refuse(c, x.id, "Invalid message id.");
  c.self().send(me.directory, pass_on{c.id(), to.value, text.value, x.id});
}

} // namespace

void whispers(connection& c, const guest_ptr& me) {
  c.on("whisper", limited(me, on_whisper));
}

} // namespace chat
