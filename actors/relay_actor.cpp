#include "actors/relay_actor.hpp"

#include <caf/sec.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace troupe::actors {

namespace {

/// The time for which a relay delivers in a turn.
constexpr std::chrono::microseconds share_time{200};

/// Called in a catch clause. Ends a member to which a delivery has failed.
void end_member(const caf::actor& who) noexcept {
  try {
    caf::anon_send(who, caf::exit_msg{{}, make_error(caf::sec::runtime_error)});
  } catch (...) {
    // Out of memory again. The member misses the messages and stays.
  }
}

/// Does the same as `deliver_all` for some members.
void deliver_to(caf::actor_control_block* from, std::span<const member> members,
                const batch& messages, const std::string& room) {
  caf::message shared;
  for (const auto& x : members) {
    try {
      if (x.direct != nullptr && x.direct->try_deliver(messages, room))
        continue;
      if (shared.empty())
        shared = caf::make_message(msg::deliver{messages, room});
      x.handle->enqueue(from, caf::make_message_id(), shared,
                        event_loop::current());
    } catch (...) {
      end_member(x.handle);
    }
  }
}

} // namespace

void deliver_all(caf::actor_control_block* from, const member_list& members,
                 const batch& messages, const std::string& room) {
  for (size_t i = 0; i < members.block_count(); ++i)
    deliver_to(from, members.members_of(i), messages, room);
}

relay_actor::relay_actor(caf::actor_config& cfg, event_loop* at,
                         std::shared_ptr<std::atomic<size_t>> backlog)
  : runtime_actor(cfg, at),
    backlog_(std::move(backlog)) {
}

caf::behavior relay_actor::make_behavior() {
  return {
    [this](relay_job& job) { return on_job(job); },
    [this](letter& x) { on_letter(x); },
    [this](turn_end) { deliver_some(); },
    [this](const missed_share& x) { tell_missed(x); },
    [this](dismiss) {
      is_dismissed_ = true;
      quit_if_done();
    },
  };
}

void relay_actor::on_exit() {
  // Break cycles: promises hold rooms, and these hold a handle to this actor.
  lanes_.clear();
  by_room_.clear();
  letters_.clear();
}

/// Waits for the unfinished jobs, since rooms wait for the responses.
void relay_actor::quit_if_done() {
  if (is_dismissed_ && lanes_.empty())
    quit();
}

// -- shares -------------------------------------------------------------------

caf::result<relayed> relay_actor::on_job(relay_job& job) {
  auto after = work_of(job.messages);
  auto earlier = by_room_.find(job.room);
  if (earlier != by_room_.end())
    return put_off(*earlier->second, job, 0, std::move(after));
  auto next = after.empty() ? serve(job, 0) : 0;
  if (next == job.members->block_count())
    return finish(job);
  return put_off(lane_of(job.room), job, next, std::move(after));
}

caf::result<relayed> relay_actor::put_off(lane& x, relay_job& job, size_t next,
                                          std::vector<number> after) {
  begin_work();
  note_work_of(job.messages);
  auto answer = make_response_promise<relayed>();
  x.jobs.push_back(
    {std::move(job), next, last_work_, std::move(after), answer});
  return answer;
}

relay_actor::lane& relay_actor::lane_of(const std::string& room) {
  auto& fresh = lanes_.emplace_back(lane{room, {}});
  by_room_.emplace(room, &fresh);
  return fresh;
}

// -- letters ------------------------------------------------------------------

void relay_actor::on_letter(letter& x) {
  auto before = work_of(x.sender);
  if (!before) {
    pass_on(x);
    return;
  }
  begin_work();
  work_by_sender_[x.sender] = last_work_;
  letters_.push_back({std::move(x), last_work_, {*before}});
}

void relay_actor::pass_on(letter& x) {
  x.to->enqueue(caf::make_mailbox_element(std::move(x.from), x.id, {},
                                          std::move(x.what)),
                context());
  if (x.asks)
    send(caf::actor_cast<caf::actor>(x.asks),
         msg::confirmed{x.ticket, x.ticket});
}

void relay_actor::pass_on_letters() {
  for (auto i = letters_.begin(); i != letters_.end();) {
    if (!may_go(i->after)) {
      ++i;
      continue;
    }
    pass_on(i->what);
    end_work(i->at);
    i = letters_.erase(i);
  }
}

// -- the order of each sender -------------------------------------------------

/// Returns the last unfinished work with messages of this sender.
std::optional<relay_actor::number> relay_actor::work_of(uint64_t who) const {
  auto i = work_by_sender_.find(who);
  if (who == 0 || i == work_by_sender_.end() || !open_work_.contains(i->second))
    return {};
  return i->second;
}

std::vector<relay_actor::number>
relay_actor::work_of(const batch& messages) const {
  std::vector<number> res;
  if (open_work_.empty())
    return res;
  for (const auto& x : messages.entries())
    if (auto before = work_of(x.from))
      if (res.empty() || res.back() != *before)
        res.push_back(*before);
  return res;
}

void relay_actor::note_work_of(const batch& messages) {
  for (const auto& x : messages.entries())
    work_by_sender_[x.from] = last_work_;
}

void relay_actor::begin_work() {
  if (open_work_.empty())
    at()->at_turn_end(ctrl());
  open_work_.insert(++last_work_);
}

void relay_actor::end_work(number x) {
  open_work_.erase(x);
  if (open_work_.empty())
    work_by_sender_.clear();
}

bool relay_actor::may_go(const std::vector<number>& after) const {
  return std::none_of(after.begin(), after.end(),
                      [this](number x) { return open_work_.contains(x); });
}

// -- turns --------------------------------------------------------------------

/// Delivers to the members from `block` on until the share of the turn is
/// spent.
/// @returns the first block that is not served.
size_t relay_actor::serve(const relay_job& job, size_t block) {
  for (; block < job.members->block_count() && has_time(); ++block)
    deliver_to(ctrl(), job.members->members_of(block), job.messages, job.room);
  return block;
}

bool relay_actor::has_time() noexcept {
  if (at() == nullptr)
    return true;
  auto now = at()->clock().now();
  if (turn_ != at()->turns()) {
    turn_ = at()->turns();
    share_end_ = now + share_time;
  }
  return now < share_end_;
}

void relay_actor::deliver_some() {
  while (!lanes_.empty() && has_time())
    serve_next_room();
  if (!open_work_.empty())
    at()->at_turn_end(ctrl());
  quit_if_done();
}

/// Serves the first lane. If it has more jobs, or has to wait for earlier work
/// of its senders, it is moved behind the others. Never do all lanes wait,
/// since work only waits for earlier work.
void relay_actor::serve_next_room() {
  auto& jobs = lanes_.front().jobs;
  auto& x = jobs.front();
  if (may_go(x.after)) {
    x.next = serve(x.job, x.next);
    if (x.next == x.job.members->block_count()) {
      x.answer.deliver(finish(x.job));
      end_work(x.at);
      jobs.pop_front();
      pass_on_letters();
    }
  }
  if (jobs.empty()) {
    by_room_.erase(lanes_.front().room);
    lanes_.pop_front();
  } else {
    lanes_.splice(lanes_.end(), lanes_, lanes_.begin());
  }
}

relayed relay_actor::finish(const relay_job& job) {
  backlog_->fetch_sub(job.size, std::memory_order_relaxed);
  return {job.ticket, at()};
}

void relay_actor::tell_missed(const missed_share& x) {
  auto shared = caf::make_message(missed{x.count->exchange(0)});
  x.members->for_each([&](const member& who) { send(who.handle, shared); });
}

const thread_relay* relay_at(const relay_list& relays, const event_loop* at) {
  if (at != nullptr && relays)
    for (const auto& x : *relays)
      if (x.at == at)
        return &x;
  return nullptr;
}

relay_list spawn_relays(caf::actor_system& sys,
                        const std::vector<event_loop*>& event_loops) {
  auto res = std::make_shared<std::vector<thread_relay>>();
  for (auto* at : event_loops) {
    auto backlog = std::make_shared<std::atomic<size_t>>(0);
    auto relay = spawn_pinned<relay_actor>(sys, at, backlog);
    auto* direct
      = static_cast<relay_actor*>(caf::actor_cast<caf::abstract_actor*>(relay));
    res->push_back({at, std::move(relay), direct, std::move(backlog)});
  }
  return res;
}

} // namespace troupe::actors
