/// Announces "alice is typing" to the other members of a room, at most once a
/// second. Pages let it expire.

#include "behaviors.hpp"

using troupe::connection;

namespace chat {

namespace {

void on_typing(connection& c, guest& me, const std::string& room) {
  auto now = std::chrono::steady_clock::now();
  if (!is_in(c, room) || now - me.typed_at < std::chrono::seconds{1})
    return;
  me.typed_at = now;
  c.to_room(room).except_me().emit("typing", presence{room, c.id(), me.nick});
}

} // namespace

void typing(connection& c, const guest_ptr& me) {
  c.on("typing", limited(me, on_typing));
}

} // namespace chat
