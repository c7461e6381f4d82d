#include "actors/listeners.hpp"

#include "actors/relay.hpp"

#include <utility>

namespace troupe::actors {

listeners::listeners(caf::event_based_actor* owner,
                     std::shared_ptr<server_core> core)
  : owner_(owner),
    core_(std::move(core)) {
}

void listeners::add(const caf::actor& who) {
  list_.emplace(who.id(), listener{who});
}

void listeners::append_to(std::vector<caf::actor>& xs) const {
  for (const auto& [id, x] : list_)
    xs.push_back(x.handle);
}

void listeners::deliver(const batch& messages, const std::string& room) {
  auto shared = caf::make_message(troupe::deliver{messages, room});
  for (auto i = list_.begin(); i != list_.end();) {
    auto& x = i->second;
    if (!has_room_for(messages, x)) {
      remove_slow(x.handle, room);
      i = list_.erase(i);
      continue;
    }
    ++x.batches;
    x.bytes += messages.bytes();
    send(shared, x);
    ++i;
  }
}

void listeners::clear() {
  list_.clear();
  core_ = nullptr;
}

/// One batch of any size may wait alone.
bool listeners::has_room_for(const batch& messages, const listener& x) const {
  const auto& most = core_->settings;
  return x.asked == 0
         || (x.batches < most.max_unread_batches
             && x.bytes + messages.bytes() <= most.max_unread_bytes);
}

/// One request at a time will do: who answers it has read all before.
void listeners::send(const caf::message& what, listener& to) {
  try {
    if (to.asked != 0)
      owner_->send(to.handle, what);
    else
      ask(what, to);
  } catch (...) {
    end_member(owner_, to.handle);
  }
}

void listeners::ask(const caf::message& what, listener& to) {
  to.asked = ++last_request_;
  auto read = [this, who = to.handle.id(), request = to.asked] {
    on_read(who, request);
  };
  // Who does not understand it, or answers something, has read it, too.
  owner_->request(to.handle, caf::infinite, what)
    .then(read, [read](const caf::error&) { read(); });
}

void listeners::remove_slow(const caf::actor& who, const std::string& room) {
  add_one(core_->stats.members_removed);
  owner_->send(who, member_removed{room, make_error(errc::slow_receiver)});
  owner_->send(owner_, let_go{who});
}

void listeners::on_read(caf::actor_id who, uint64_t request) {
  auto i = list_.find(who);
  // It may have left meanwhile, and come back.
  if (i == list_.end() || i->second.asked != request)
    return;
  auto& x = i->second;
  x.asked = 0;
  x.batches = 0;
  x.bytes = 0;
}

} // namespace troupe::actors
