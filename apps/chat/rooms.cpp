/// Joining and leaving rooms. The new member itself announces that it has
/// joined.

#include "behaviors.hpp"

#include "directory.hpp"
#include "text.hpp"

#include <caf/event_based_actor.hpp>

using troupe::connection;

namespace chat {

namespace {

void on_join(connection& c, guest& me, const std::string& name) {
  auto room = check_room(name);
  if (!room)
    return refuse(c, name, room.problem);
  if (c.rooms().size() >= max_rooms_of_one)
    return refuse(c, name, "You are in too many rooms.");
  c.self().send(me.directory, enter{c.id(), room.value});
}

void on_admitted(connection& c, const guest& me, const std::string& room) {
  if (c.join(room))
    return; // The error handler informs the guest.
  // Published after the join. The directory, which is a member of the room,
  // responds with `room`.
  c.to_room(room).emit("entered", presence{room, c.id(), me.nick});
}

void on_leave(connection& c, guest&, const std::string& room) {
  c.leave(room);
}

} // namespace

void rooms(connection& c, const guest_ptr& me) {
  c.on("join", limited(me, on_join));
  c.on("leave", limited(me, on_leave));
  c.on_actor_message<admitted>([me](connection& self, const admitted& x) {
    on_admitted(self, *me, x.room);
  });
  // Also called for each room when the connection ends.
  c.on_leave([me](connection& self, const std::string& room) {
    self.to_room(room).emit("left", presence{room, self.id(), me->nick});
  });
}

} // namespace chat
