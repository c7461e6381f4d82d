#include "actors/relay.hpp"

#include <caf/sec.hpp>

#include <utility>

namespace troupe::actors {

void end_member(caf::event_based_actor* from, const caf::actor& who) noexcept {
  try {
    from->send_exit(who, caf::sec::runtime_error);
  } catch (...) {
    // No memory for that either: it has missed something, and lives.
  }
}

void deliver_all(caf::event_based_actor* from, const member_list& members,
                 const batch& messages, const std::string& room) {
  caf::message shared;
  members.for_each([&](const member& x) {
    try {
      if (x.direct != nullptr && x.direct->take(messages))
        return;
      if (shared.empty())
        shared = caf::make_message(deliver{messages, room});
      from->send(x.handle, shared);
    } catch (...) {
      end_member(from, x.handle);
    }
  });
}

relay_actor::relay_actor(caf::actor_config& cfg, home* at,
                         std::shared_ptr<std::atomic<size_t>> backlog)
  : runtime_actor(cfg, at),
    backlog_(std::move(backlog)) {
}

caf::behavior relay_actor::make_behavior() {
  return {
    [this](const relay_job& job) {
      deliver(job);
      return relayed{job.ticket};
    },
    [this](const missed_share& x) { tell_missed(x); },
    [this](dismiss) { quit(); },
  };
}

void relay_actor::deliver(const relay_job& job) {
  deliver_all(this, *job.members, job.messages, job.room);
  backlog_->fetch_sub(job.size, std::memory_order_relaxed);
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
