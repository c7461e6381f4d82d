/// Assigns nicknames, which are unique.

#include "behaviors.hpp"

#include "directory.hpp"
#include "text.hpp"

#include <caf/event_based_actor.hpp>

using troupe::connection;

namespace chat {

namespace {

constexpr size_t max_key = 64;

void on_nick(connection& c, guest& me, const naming& x) {
  auto nick = check_nick(x.nick);
  if (!nick)
    return refuse(c, x.nick, nick.problem);
  if (x.key.size() > max_key)
    return refuse(c, x.nick, "That key is too long.");
  c.self().send(me.directory, claim{c.id(), nick.value, x.key});
}

void on_named(connection& c, guest& me, const named& x) {
  c.emit("welcome", person{c.id(), x.nick});
  if (x.nick == me.nick)
    return;
  me.nick = x.nick;
  for (const auto& room : c.rooms())
    c.to_room(room).emit("renamed", presence{room, c.id(), me.nick});
}

} // namespace

void nickname(connection& c, const guest_ptr& me) {
  c.emit("hello", hello{});
  c.on("nick", limited(me, on_nick));
  c.on_actor_message<named>(
    [me](connection& self, const named& x) { on_named(self, *me, x); });
}

} // namespace chat
