#include "actors/client/client_rooms.hpp"

#include "actors/client/client_actor.hpp"
#include "base/protocol2.hpp"

#include <memory>
#include <utility>

namespace troupe::actors {

client_rooms::client_rooms(client_actor& owner, open_requests& requests)
  : owner_{owner},
    requests_{requests} {
}

void client_rooms::join(const std::string& room, const wire_value& data) {
  auto& x = wanted_[room];
  x.data = data;
  if (owner_.state() == client_state::open)
    queue_join(room, x);
}

void client_rooms::leave(const std::string& room) {
  auto was_in = wanted_.erase(room) + added_.erase(room) > 0;
  if (was_in && owner_.state() == client_state::open)
    owner_.queue_here(protocol2::encode_leave(protocol2::encode_room(room)), 0);
}

void client_rooms::on_open() {
  added_.clear();
  for (auto& [room, x] : wanted_) {
    auto message = make_join(room, x);
    requests_.note_sent(x.join);
    owner_.write_first(std::move(message));
  }
}

void client_rooms::on_change(const std::string& room, const std::string& why) {
  auto i = wanted_.find(room);
  if (i != wanted_.end() && requests_.contains(i->second.join))
    return; // The answer to the join is newer.
  added_.erase(room);
  if (why == "joined")
    added_.insert(room);
  else
    wanted_.erase(room);
  owner_.tell(owner_.callbacks_.change, room, why);
}

void client_rooms::on_time(const client_rejoin& x) {
  auto i = wanted_.find(x.room);
  if (i != wanted_.end() && i->second.join == x.id
      && owner_.state() == client_state::open)
    queue_join(x.room, i->second);
}

frame client_rooms::make_join(const std::string& room, entry& x) {
  auto id = std::make_shared<uint64_t>();
  *id = requests_.add([this, room, id](const detail::answer_view& y) {
    on_outcome(room, *id, y);
  });
  x.join = *id;
  return protocol2::encode_join(*id, protocol2::encode_room(room), x.data);
}

/// Behind earlier messages, such as a leave of the same room.
void client_rooms::queue_join(const std::string& room, entry& x) {
  auto message = make_join(room, x);
  if (!owner_.queue_here(std::move(message), x.join))
    owner_.guarded([f = requests_.take(x.join)] {
      f(refuse("busy", "too many messages wait"));
    });
}

void client_rooms::on_outcome(const std::string& room, uint64_t id,
                              const detail::answer_view& x) {
  auto i = wanted_.find(room);
  if (i == wanted_.end() || i->second.join != id)
    return;
  const auto* why = std::get_if<refusal>(&x);
  if (!why)
    return owner_.tell_joined(room, std::get<event_view>(x));
  if (why->code == "unknown_outcome" || why->code == "gone")
    return; // The next connection joins again.
  if (why->retry_after > caf::timespan{0})
    owner_.delayed_send(&owner_, why->retry_after, client_rejoin{room, id});
  else
    wanted_.erase(i);
  owner_.tell(owner_.callbacks_.refused, room, *why);
}

} // namespace troupe::actors
