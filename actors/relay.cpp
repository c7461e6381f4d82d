#include "actors/relay.hpp"

#include <caf/sec.hpp>

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

caf::behavior relay_actor::make_behavior() {
  return {
    [this](const relay_job& job) {
      deliver_all(this, *job.members, job.messages, job.room);
      return relayed{job.ticket};
    },
    [this](dismiss) { quit(); },
  };
}

relay_list spawn_relays(caf::actor_system& sys,
                        const std::vector<home*>& homes) {
  auto res = std::make_shared<std::vector<thread_relay>>();
  for (auto* at : homes)
    res->push_back({at, spawn_pinned<relay_actor>(sys, at)});
  return res;
}

} // namespace troupe::actors
