#include "actors/fan_out.hpp"

#include "actors/outbound_sequencer.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <memory>
#include <utility>

namespace troupe::actors {

namespace {

/// The number of members that a thread serves at once, in half a millisecond.
constexpr size_t max_own_members = 1024;

constexpr auto to_the_end = std::numeric_limits<size_t>::max();

} // namespace

fan_out::fan_out(pinned_actor* owner, std::shared_ptr<server_core> core,
                 relay_list relays, std::string room)
  : owner_(owner),
    relays_(std::move(relays)),
    max_backlog_(core->settings.max_backlog_bytes),
    room_(std::move(room)),
    listeners_(owner, std::move(core)) {
}

// -- members ------------------------------------------------------------------

bool fan_out::add(const caf::actor& who) {
  std::lock_guard guard{mutex_};
  auto id = who.id();
  if (is_over_ || where_.contains(id) || newcomers_.contains(id)
      || listeners_.contains(id))
    return false;
  auto* direct = fast_path_to<direct_receiver>(who);
  if (direct == nullptr) {
    listeners_.add(who, gathered_.size());
  } else if (gathered_.empty()) {
    add_now(who, *direct);
  } else {
    newcomers_.emplace(id, parts_.size());
    parts_.push_back({who, gathered_.size(), to_the_end, true});
  }
  return true;
}

bool fan_out::observe(const caf::actor& who) {
  std::lock_guard guard{mutex_};
  if (is_over_ || listeners_.contains(who.id()))
    return false;
  listeners_.add(who, gathered_.size(), listeners::role::observer);
  return true;
}

bool fan_out::let_go(caf::actor_id who) {
  std::lock_guard guard{mutex_};
  if (auto i = newcomers_.find(who); i != newcomers_.end()) {
    auto& x = parts_[i->second];
    x.to = gathered_.size();
    x.stays = false;
    newcomers_.erase(i);
    return true;
  }
  auto i = where_.find(who);
  if (i == where_.end())
    return listeners_.remove(who, gathered_, room_);
  auto handle = remove_now(i->second);
  if (!gathered_.empty())
    parts_.push_back({std::move(handle), 0, gathered_.size(), false});
  return true;
}

void fan_out::add_now(const caf::actor& who, direct_receiver& direct) {
  auto g = group_of(who);
  auto& list = writable(groups_[g]);
  where_.emplace(who.id(), place{g, static_cast<uint32_t>(list.size())});
  list.add({who, &direct});
  groups_[g].missed.reset(); // The new member missed none of these.
}

caf::actor fan_out::remove_now(place x) {
  auto& list = writable(groups_[x.group]);
  auto handle = list[x.index].handle;
  where_.erase(handle.id());
  list.remove(x.index);
  if (x.index < list.size())
    where_[list[x.index].handle.id()].index = x.index;
  return handle;
}

bool fan_out::contains(caf::actor_id who) const {
  std::lock_guard guard{mutex_};
  return where_.contains(who) || newcomers_.contains(who)
         || listeners_.contains(who);
}

size_t fan_out::size() const {
  std::lock_guard guard{mutex_};
  return where_.size() + newcomers_.size() + listeners_.size();
}

std::vector<caf::actor> fan_out::handles() const {
  std::lock_guard guard{mutex_};
  std::vector<caf::actor> res;
  res.reserve(where_.size() + newcomers_.size() + listeners_.size());
  for (const auto& g : groups_)
    g.members->for_each([&](const member& x) { res.push_back(x.handle); });
  for (const auto& x : parts_)
    if (x.stays)
      res.push_back(x.who);
  listeners_.append_to(res, listeners::role::member);
  return res;
}

std::vector<caf::actor> fan_out::observers() const {
  std::lock_guard guard{mutex_};
  std::vector<caf::actor> res;
  listeners_.append_to(res, listeners::role::observer);
  return res;
}

void fan_out::set_bridges(std::vector<caf::actor> bridges) {
  flush(); // To the previous bridges.
  std::lock_guard guard{mutex_};
  bridges_ = std::move(bridges);
}

// -- messages -----------------------------------------------------------------

bool fan_out::try_publish(const msg::publish& msg,
                          const caf::strong_actor_ptr& from,
                          direct_receiver* direct) {
  std::lock_guard guard{mutex_};
  if (is_over_)
    return false;
  gathered_.push_back({msg.message, from ? from->id() : 0, msg.to.skip_sender});
  is_for_bridges_ = true;
  if (msg.ticket != 0 && from)
    expect_confirmation(msg.ticket, from, direct);
  ask_for_flush();
  return true;
}

bool fan_out::try_publish(arrival msg, const caf::strong_actor_ptr& bridge) {
  std::lock_guard guard{mutex_};
  if (is_over_)
    return false;
  std::move(msg.messages.begin(), msg.messages.end(),
            std::back_inserter(gathered_));
  expect_confirmation(msg.ticket, bridge, nullptr);
  ask_for_flush();
  return true;
}

void fan_out::expect_confirmation(uint64_t ticket,
                                  const caf::strong_actor_ptr& sender,
                                  direct_receiver* direct) {
  // Messages of a sender often come in sequence, so it suffices to check the
  // last entry. A second entry for a sender only causes a second confirmation.
  if (!to_tell_.empty() && to_tell_.back().sender == sender
      && to_tell_.back().last + 1 == ticket)
    to_tell_.back().last = ticket;
  else
    to_tell_.push_back({sender, direct, ticket, ticket});
}

/// Requests a flush at the end of the current turn of the calling thread. Each
/// thread that has published requests its own, so that a thread that is held up
/// does not delay the messages of others.
void fan_out::ask_for_flush() {
  auto* here = event_loop::current();
  if (std::find(asked_.begin(), asked_.end(), here) != asked_.end())
    return;
  asked_.push_back(here);
  if (here != nullptr)
    here->at_turn_end(owner_->ctrl(), *this);
  else
    send(caf::actor_cast<caf::actor>(owner_), turn_end{});
}

void fan_out::flush() {
  own_work own;
  {
    std::lock_guard guard{mutex_};
    if (gathered_.empty())
      return;
    own = send_off();
  }
  for (const auto& x : own.shares)
    deliver_all(owner_->ctrl(), *x.members, x.messages, room_);
  if (own.ticket != 0) {
    std::lock_guard guard{mutex_};
    own.told = finish_share(own.ticket);
  }
  confirm(own.told);
}

fan_out::own_work fan_out::send_off() {
  own_work own;
  batch messages{std::exchange(gathered_, {})};
  if (auto* here = event_loop::current())
    here->recipients().add(
      where_.size() + newcomers_.size() + listeners_.size(), messages.size());
  asked_.clear();
  pending all{++last_ticket_, 0, std::exchange(to_tell_, {})};
  for (auto& g : groups_)
    if (!g.members->empty())
      send_to(g, g.members, messages, own, all);
  listeners_.deliver(messages, room_);
  for (const auto& x : std::exchange(parts_, {}))
    send_part(x, messages, own, all);
  newcomers_.clear();
  if (std::exchange(is_for_bridges_, false))
    tell_bridges(messages);
  if (all.shares_left == 0) {
    own.told = std::move(all.told);
    return own;
  }
  if (!own.shares.empty()) {
    ++all.shares_left;
    own.ticket = all.ticket;
  }
  pending_.push_back(std::move(all));
  return own;
}

void fan_out::send_to(group& g, std::shared_ptr<member_list> members,
                      const batch& messages, own_work& own, pending& all) {
  if (g.relay == nullptr) // Directly into mailboxes, ordered by the lock.
    deliver_all(owner_->ctrl(), *members, messages, room_);
  else if (may_serve(g))
    own.shares.push_back({std::move(members), messages});
  else if (leave_to_relay(g, std::move(members), messages, all.ticket))
    ++all.shares_left;
}

/// Sends `x` its part of the batch, and adds it to its group if it stays.
void fan_out::send_part(const part& x, const batch& messages, own_work& own,
                        pending& all) {
  auto* direct = fast_path_to<direct_receiver>(x.who);
  auto to = std::min(x.to, messages.size());
  if (x.from < to) {
    auto one = std::make_shared<member_list>();
    one->add({x.who, direct});
    auto first = messages.entries().begin();
    batch some{{first + static_cast<ptrdiff_t>(x.from),
                first + static_cast<ptrdiff_t>(to)}};
    send_to(groups_[group_of(x.who)], std::move(one), some, own, all);
  }
  if (x.stays)
    add_now(x.who, *direct);
}

/// Returns whether the calling thread may serve the group itself.
bool fan_out::may_serve(const group& g) const noexcept {
  return g.at == event_loop::current() && g.members->size() <= max_own_members
         && g.relay->direct->is_idle();
}

/// Sends the share of a group to its relay.
/// @returns false if that exceeds the relay's backlog. The messages are then
///          dropped, and the relay notifies the members.
bool fan_out::leave_to_relay(group& g,
                             std::shared_ptr<const member_list> members,
                             const batch& messages, uint64_t ticket) {
  const auto& relay = *g.relay;
  auto size = messages.bytes()
              + outbound_sequencer::overhead * (messages.size() + 1) + g.copied;
  auto before = relay.backlog->fetch_add(size, std::memory_order_relaxed);
  // The first job may have any size.
  if (before == 0 || before + size <= max_backlog_) {
    send(relay.handle,
         relay_job{messages, room_, std::move(members), ticket, size});
    g.copied = 0;
    return true;
  }
  relay.backlog->fetch_sub(size, std::memory_order_relaxed);
  if (!g.missed)
    g.missed = std::make_shared<std::atomic<uint64_t>>(0);
  if (g.missed->fetch_add(messages.size()) == 0)
    send(relay.handle, missed_share{std::move(members), g.missed});
  return false;
}

void fan_out::tell_bridges(const batch& messages) {
  if (bridges_.empty())
    return;
  auto shared = caf::make_message(msg::deliver{messages, room_});
  for (const auto& x : bridges_)
    x->enqueue(owner_->ctrl(), caf::make_message_id(), shared,
               event_loop::current());
}

// -- confirmations ------------------------------------------------------------

void fan_out::on_relayed(const relayed& msg) {
  senders told;
  {
    std::lock_guard guard{mutex_};
    told = finish_share(msg.ticket);
  }
  confirm(told);
}

/// Notes that one share of a batch is delivered.
/// @returns the senders to confirm, if it was the last one.
fan_out::senders fan_out::finish_share(uint64_t ticket) {
  auto i = std::find_if(pending_.begin(), pending_.end(),
                        [&](const pending& x) { return x.ticket == ticket; });
  if (i == pending_.end() || --i->shares_left > 0)
    return {};
  auto told = std::move(i->told);
  pending_.erase(i);
  return told;
}

/// Called without the lock, since a sender that is confirmed may publish here
/// at once.
void fan_out::confirm(const senders& told) {
  for (const auto& x : told) {
    msg::confirmed what{x.first, x.last};
    if (x.direct == nullptr || !x.direct->try_confirm(what))
      send(caf::actor_cast<caf::actor>(x.sender), what);
  }
}

void fan_out::on_read(uint64_t request) {
  std::lock_guard guard{mutex_};
  listeners_.on_read(request);
}

bool fan_out::settled() const {
  std::lock_guard guard{mutex_};
  return gathered_.empty() && pending_.empty();
}

void fan_out::clear() {
  auto may_send = !owner_->is_unreachable();
  if (may_send)
    flush();
  senders told;
  {
    std::lock_guard guard{mutex_};
    is_over_ = true;
    told = std::move(to_tell_);
    for (auto& x : pending_)
      std::move(x.told.begin(), x.told.end(), std::back_inserter(told));
    groups_.clear();
    where_.clear();
    parts_.clear();
    newcomers_.clear();
    listeners_.clear();
    bridges_.clear();
    gathered_.clear();
    pending_.clear();
  }
  if (may_send)
    confirm(told);
}

// -- groups -------------------------------------------------------------------

uint32_t fan_out::group_of(const caf::actor& who) {
  auto* x = fast_path_to<pinned_actor>(who);
  return group_for(x != nullptr ? x->at() : nullptr);
}

uint32_t fan_out::group_for(event_loop* at) {
  // Threads are few, so a scan is faster than a map.
  for (uint32_t i = 0; i < groups_.size(); ++i)
    if (groups_[i].at == at)
      return i;
  groups_.push_back(
    {at, relay_at(relays_, at), std::make_shared<member_list>(), 0, nullptr});
  return static_cast<uint32_t>(groups_.size() - 1);
}

member_list& fan_out::writable(group& g) {
  if (make_unique(g.members))
    g.copied += g.members->copy_size();
  return *g.members;
}

} // namespace troupe::actors
