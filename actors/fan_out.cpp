#include "actors/fan_out.hpp"

#include "actors/outbox.hpp"

#include <iterator>
#include <memory>
#include <utility>

namespace troupe::actors {

namespace {

/// How many members of its own thread a room serves itself: in half a
/// millisecond.
constexpr size_t max_own_members = 1024;

} // namespace

fan_out::fan_out(caf::event_based_actor* owner, home* at,
                 std::shared_ptr<server_core> core, relay_list relays,
                 std::string room)
  : owner_(owner),
    at_(at),
    relays_(std::move(relays)),
    max_backlog_(core->settings.max_backlog_bytes),
    listeners_(owner, std::move(core)),
    room_(std::move(room)) {
}

bool fan_out::add(const caf::actor& who) {
  if (contains(who.id()))
    return false;
  flush();
  auto* direct = short_way_to<receiver>(who);
  if (direct == nullptr) {
    listeners_.add(who);
    return true;
  }
  auto* home_actor = short_way_to<pinned>(who);
  auto g = group_for(home_actor ? home_actor->at() : nullptr);
  auto& list = writable(groups_[g]);
  where_.emplace(who.id(), place{g, static_cast<uint32_t>(list.size())});
  list.add({who, direct});
  groups_[g].missed.reset(); // It is told of what it misses from now on.
  return true;
}

bool fan_out::remove(caf::actor_id who) {
  if (!contains(who))
    return false;
  flush();
  auto i = where_.find(who);
  if (i == where_.end())
    return listeners_.remove(who);
  auto [g, index] = i->second;
  where_.erase(i);
  auto& list = writable(groups_[g]);
  list.remove(index);
  if (index < list.size())
    where_[list[index].handle.id()].index = index;
  return true;
}

std::vector<caf::actor> fan_out::members() const {
  std::vector<caf::actor> res;
  res.reserve(size());
  for (const auto& g : groups_)
    g.members->for_each([&](const member& x) { res.push_back(x.handle); });
  listeners_.append_to(res);
  return res;
}

void fan_out::set_links(std::vector<caf::actor> links) {
  flush();
  links_ = std::move(links);
}

void fan_out::gather(const publish& msg, const caf::strong_actor_ptr& sender,
                     receiver* direct) {
  gathered_.push_back(
    {msg.message, sender ? sender->id() : 0, msg.skip_sender});
  is_for_links_ = true;
  if (msg.confirm && sender) {
    // A sender's messages come in runs, so looking at the last one will do;
    // a second entry for the same sender is merely a second confirmation.
    auto& senders = to_tell_.senders;
    if (!senders.empty() && senders.back().sender == sender)
      ++senders.back().count;
    else
      senders.push_back({sender, direct, 1});
  }
  ask_for_turn_end();
}

void fan_out::gather(arrival msg) {
  std::move(msg.messages.begin(), msg.messages.end(),
            std::back_inserter(gathered_));
  to_tell_.links.push_back(owner_->make_response_promise());
  ask_for_turn_end();
}

void fan_out::ask_for_turn_end() {
  if (turn_end_asked_)
    return;
  turn_end_asked_ = true;
  if (at_)
    at_->at_turn_end(caf::actor_cast<caf::strong_actor_ptr>(owner_));
  else
    owner_->send(owner_, turn_end{});
}

void fan_out::on_turn_end() {
  turn_end_asked_ = false;
  flush();
}

void fan_out::flush() {
  if (gathered_.empty())
    return;
  batch messages{std::move(gathered_)};
  gathered_.clear();
  pending share{++last_ticket_, 0, std::move(to_tell_)};
  to_tell_.senders.clear();
  to_tell_.links.clear();
  for (auto& g : groups_) {
    if (g.members->empty())
      continue;
    if (may_serve(g))
      deliver_all(owner_, *g.members, messages, room_);
    else if (leave_to_relay(g, messages, share.ticket))
      ++share.relays_left;
  }
  if (!listeners_.empty())
    listeners_.deliver(messages, room_);
  if (std::exchange(is_for_links_, false))
    tell_links(messages);
  if (share.relays_left == 0)
    confirm(share.told);
  else
    pending_.push_back(std::move(share));
}

/// Whether the owner may serve these itself, after what its own thread's relay
/// may still have for them.
bool fan_out::may_serve(const group& g) const noexcept {
  return g.relay == nullptr
         || (g.at == at_ && own_pending_ == 0
             && g.members->size() <= max_own_members);
}

/// @returns whether the relay has it. Else it has too much already, and its
///          members hear, when it comes to them, that they have missed some.
bool fan_out::leave_to_relay(group& g, const batch& messages, uint64_t ticket) {
  const auto& [at, relay, backlog] = *g.relay;
  auto size = messages.bytes() + outbox::overhead * (messages.size() + 1)
              + g.copied;
  auto before = backlog->fetch_add(size, std::memory_order_relaxed);
  if (before == 0 || before + size <= max_backlog_) { // One of any size may.
    owner_->send(relay, relay_job{messages, room_, g.members, ticket, size});
    own_pending_ += at == at_;
    g.copied = 0;
    return true;
  }
  backlog->fetch_sub(size, std::memory_order_relaxed);
  if (!g.missed)
    g.missed = std::make_shared<std::atomic<uint64_t>>(0);
  if (g.missed->fetch_add(messages.size()) == 0)
    owner_->send(relay, missed_share{g.members, g.missed});
  return false;
}

void fan_out::tell_links(const batch& messages) {
  if (links_.empty())
    return;
  auto shared = caf::make_message(deliver{messages, room_});
  for (const auto& x : links_)
    owner_->send(x, shared);
}

void fan_out::on_relayed(const relayed& msg) {
  own_pending_ -= msg.at == at_;
  for (auto i = pending_.begin(); i != pending_.end(); ++i) {
    if (i->ticket != msg.ticket)
      continue;
    if (--i->relays_left == 0) {
      confirm(i->told);
      pending_.erase(i);
    }
    return;
  }
}

void fan_out::clear() {
  confirm(to_tell_);
  for (auto& x : pending_)
    confirm(x.told);
  groups_.clear();
  where_.clear();
  listeners_.clear();
  links_.clear();
  gathered_.clear();
  to_tell_ = {};
  pending_.clear();
}

uint32_t fan_out::group_for(home* at) {
  // Threads are few: a scan beats a map.
  for (uint32_t i = 0; i < groups_.size(); ++i)
    if (groups_[i].at == at)
      return i;
  const thread_relay* relay = nullptr;
  if (at != nullptr && relays_)
    for (const auto& x : *relays_)
      if (x.at == at)
        relay = &x;
  groups_.push_back({at, relay, std::make_shared<member_list>(), 0, nullptr});
  return static_cast<uint32_t>(groups_.size() - 1);
}

member_list& fan_out::writable(group& g) {
  if (make_unique(g.members))
    g.copied += g.members->copy_size();
  return *g.members;
}

void fan_out::confirm(waiting& told) {
  for (const auto& x : told.senders)
    if (x.direct == nullptr || !x.direct->take(confirmed{x.count}))
      owner_->send(caf::actor_cast<caf::actor>(x.sender), confirmed{x.count});
  for (auto& x : told.links)
    x.deliver(caf::message{});
}

} // namespace troupe::actors
