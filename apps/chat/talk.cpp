/// Messages to rooms.

#include "behaviors.hpp"

#include "clock.hpp"
#include "text.hpp"

using troupe::connection;

namespace chat {

namespace {

void on_say(connection& c, guest& me, const saying& x) {
  auto text = check_text(x.text);
  if (!text)
    return refuse(c, x.id, text.problem);
  if (!is_message_id(x.id))
    return refuse(c, x.id, "Invalid message id.");
  if (!is_in(c, x.room))
    return refuse(c, x.id, "You are not in this room.");
  me.typed_at = {}; // The next typing is announced at once.
  c.to_room(x.room).emit("message", message{x.room, x.id, c.id(), me.nick,
                                            text.value, server_time()});
}

} // namespace

void talk(connection& c, const guest_ptr& me) {
  c.on("say", limited(me, on_say));
}

} // namespace chat
