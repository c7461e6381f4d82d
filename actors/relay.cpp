#include "actors/relay.hpp"

#include <caf/sec.hpp>

#include <chrono>
#include <utility>

namespace troupe::actors {

namespace {

/// How long a relay delivers in a turn.
constexpr std::chrono::microseconds share_time{200};

/// `deliver_all` for some of them.
void deliver_to(caf::event_based_actor* from, std::span<const member> members,
                const batch& messages, const std::string& room) {
  caf::message shared;
  for (const auto& x : members) {
    try {
      if (x.direct != nullptr && x.direct->take(messages))
        continue;
      if (shared.empty())
        shared = caf::make_message(deliver{messages, room});
      from->send(x.handle, shared);
    } catch (...) {
      end_member(from, x.handle);
    }
  }
}

} // namespace

void end_member(caf::event_based_actor* from, const caf::actor& who) noexcept {
  try {
    from->send_exit(who, caf::sec::runtime_error);
  } catch (...) {
    // No memory for that either: it has missed something, and lives.
  }
}

void deliver_all(caf::event_based_actor* from, const member_list& members,
                 const batch& messages, const std::string& room) {
  for (size_t i = 0; i < members.block_count(); ++i)
    deliver_to(from, members.members_of(i), messages, room);
}

relay_actor::relay_actor(caf::actor_config& cfg, home* at,
                         std::shared_ptr<std::atomic<size_t>> backlog)
  : runtime_actor(cfg, at),
    backlog_(std::move(backlog)) {
}

caf::behavior relay_actor::make_behavior() {
  return {
    [this](relay_job& job) { return take(job); },
    [this](turn_end) { go_on(); },
    [this](const missed_share& x) { tell_missed(x); },
    [this](dismiss) {
      is_dismissed_ = true;
      quit_if_done();
    },
  };
}

void relay_actor::on_exit() {
  // Answers hold the rooms that wait for them, and these our handle: let go.
  lanes_.clear();
  by_room_.clear();
}

/// Whoever waits for its members to have something gets that answer first.
void relay_actor::quit_if_done() {
  if (is_dismissed_ && lanes_.empty())
    quit();
}

caf::result<relayed> relay_actor::take(relay_job& job) {
  auto earlier = by_room_.find(job.room);
  if (earlier != by_room_.end())
    return put_off(*earlier->second, job, 0);
  auto next = serve(job, 0);
  if (next == job.members->block_count())
    return finish(job);
  if (lanes_.empty())
    at()->at_turn_end(ctrl());
  auto& fresh = lanes_.emplace_back(lane{job.room, {}});
  by_room_.emplace(job.room, &fresh);
  return put_off(fresh, job, next);
}

caf::result<relayed> relay_actor::put_off(lane& x, relay_job& job,
                                          size_t next) {
  auto answer = make_response_promise<relayed>();
  x.jobs.push_back({std::move(job), next, answer});
  return answer;
}

/// @returns the first block that there was no time for.
size_t relay_actor::serve(const relay_job& job, size_t block) {
  for (; block < job.members->block_count() && has_time(); ++block)
    deliver_to(this, job.members->members_of(block), job.messages, job.room);
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

void relay_actor::go_on() {
  while (!lanes_.empty() && has_time())
    serve_next_room();
  if (!lanes_.empty())
    at()->at_turn_end(ctrl());
  quit_if_done();
}

/// A room that has more comes after the others.
void relay_actor::serve_next_room() {
  auto& jobs = lanes_.front().jobs;
  auto& [job, next, answer] = jobs.front();
  next = serve(job, next);
  if (next == job.members->block_count()) {
    answer.deliver(finish(job));
    jobs.pop_front();
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

relay_list spawn_relays(caf::actor_system& sys,
                        const std::vector<home*>& homes) {
  auto res = std::make_shared<std::vector<thread_relay>>();
  for (auto* at : homes) {
    auto backlog = std::make_shared<std::atomic<size_t>>(0);
    auto relay = spawn_pinned<relay_actor>(sys, at, backlog);
    res->push_back({at, std::move(relay), std::move(backlog)});
  }
  return res;
}

} // namespace troupe::actors
