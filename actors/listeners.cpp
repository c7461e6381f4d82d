#include "actors/listeners.hpp"

#include "actors/relay_actor.hpp"

#include <utility>

namespace troupe::actors {

listeners::listeners(caf::event_based_actor* owner,
                     std::shared_ptr<server_core> core)
  : owner_(owner),
    core_(std::move(core)) {
}

void listeners::add(const caf::actor& who, size_t missed, role as) {
  list_.emplace(who.id(), listener{who, as, missed});
  observers_ += as == role::observer ? 1 : 0;
}

bool listeners::remove(caf::actor_id who,
                       const std::vector<batch::entry>& gathered,
                       const std::string& room) {
  auto i = list_.find(who);
  if (i == list_.end())
    return false;
  if (!gathered.empty())
    deliver_rest(batch{gathered}, i->second, room);
  erase(i);
  return true;
}

auto listeners::erase(table::iterator i) -> table::iterator {
  requests_.erase(i->second.asked);
  observers_ -= i->second.as == role::observer ? 1 : 0;
  return list_.erase(i);
}

void listeners::append_to(std::vector<caf::actor>& xs, role those) const {
  for (const auto& [id, x] : list_)
    if (x.as == those)
      xs.push_back(x.handle);
}

void listeners::deliver(const batch& messages, const std::string& room) {
  if (list_.empty())
    return;
  auto shared = caf::make_message(msg::deliver{messages, room});
  for (auto i = list_.begin(); i != list_.end();) {
    auto& x = i->second;
    if (!has_room_for(messages, x)) {
      remove_slow(x.handle, room);
      i = erase(i);
      continue;
    }
    if (x.missed > 0) {
      deliver_rest(messages, x, room);
    } else {
      ++x.batches;
      x.bytes += messages.bytes();
      send(shared, x);
    }
    ++i;
  }
}

/// Sends the messages that were published after `to` was added.
void listeners::deliver_rest(const batch& messages, listener& to,
                             const std::string& room) {
  auto missed = std::exchange(to.missed, 0);
  if (missed >= messages.size())
    return;
  const auto& all = messages.entries();
  batch rest{{all.begin() + static_cast<ptrdiff_t>(missed), all.end()}};
  ++to.batches;
  to.bytes += rest.bytes();
  send(caf::make_message(msg::deliver{std::move(rest), room}), to);
}

void listeners::clear() {
  list_.clear();
  observers_ = 0;
  requests_.clear();
  core_ = nullptr;
}

/// Returns whether `x` may get one more batch. A batch of any size may be sent
/// if no request is open.
bool listeners::has_room_for(const batch& messages, const listener& x) const {
  const auto& most = core_->settings;
  return x.asked == 0
         || (x.batches < most.max_unread_batches
             && x.bytes + messages.bytes() <= most.max_unread_bytes);
}

/// Sends `what` as a request if none is open. One request at a time suffices,
/// since a response shows that all earlier messages were read.
void listeners::send(const caf::message& what, listener& to) {
  auto id = to.asked == 0 ? ask(to) : caf::make_message_id();
  to.handle->enqueue(caf::make_mailbox_element(owner_->ctrl(), id, {}, what),
                     event_loop::current());
}

/// Returns the message id of a new request of the owner. CAF's own requests can
/// be made only by the owner, thus after messages that other threads have sent
/// meanwhile.
caf::message_id listeners::ask(listener& to) {
  to.asked = ++last_request_;
  requests_.emplace(to.asked, to.handle.id());
  return caf::message_id{caf::message_id::default_async_value | to.asked};
}

void listeners::remove_slow(const caf::actor& who, const std::string& room) {
  add_one(core_->stats.members_removed);
  auto tell = [&](const caf::actor& whom, caf::message what) {
    whom->enqueue(owner_->ctrl(), caf::make_message_id(), std::move(what),
                  event_loop::current());
  };
  tell(who, caf::make_message(
              msg::member_removed{room, make_error(errc::slow_receiver)}));
  tell(caf::actor_cast<caf::actor>(owner_),
       caf::make_message(removed_listener{who}));
}

/// Any response counts, errors included: the member may have no handler for
/// batches or may have terminated.
void listeners::on_read(uint64_t request) {
  auto asked = requests_.extract(request);
  if (asked.empty())
    return;
  auto& x = list_.at(asked.mapped());
  x.asked = 0;
  x.batches = 0;
  x.bytes = 0;
}

} // namespace troupe::actors
