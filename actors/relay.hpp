#pragma once

#include "actors/member_list.hpp"
#include "actors/pinned.hpp"
#include "actors/short_way.hpp"
#include "troupe/messages.hpp"

#include <caf/result.hpp>
#include <caf/typed_response_promise.hpp>

#include <atomic>
#include <cstddef>
#include <deque>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::actors {

/// Brings the messages of `room` to all `members`, in the name of `from`. A
/// member that cannot take them ends; the others are served all the same.
void deliver_all(caf::event_based_actor* from, const member_list& members,
                 const batch& messages, const std::string& room);

/// In a catch clause: ends a member that could not be given what it was to
/// hear.
void end_member(caf::event_based_actor* from, const caf::actor& who) noexcept;

/// One thread's share of a fan-out, for that thread's relay.
struct relay_job {
  batch messages;
  std::string room;
  std::shared_ptr<const member_list> members;
  uint64_t ticket = 0; ///< Comes back in `relayed`.
  size_t size = 0;     ///< What it adds to the backlog.
};

/// For a relay: these have missed messages for which the backlog had no room.
struct missed_share {
  std::shared_ptr<const member_list> members;
  std::shared_ptr<std::atomic<uint64_t>> count; ///< Until it is read.
};

/// To a connection: so many messages of a room never reached its thread.
struct missed {
  uint64_t count = 0;
};

/// A relay has brought a share to its members.
struct relayed {
  uint64_t ticket = 0;
  home* at = nullptr; ///< Where they live.
};

/// Delivers on one thread what rooms of other threads publish, so that a batch
/// crosses between two threads once, whatever the number of members; and what
/// rooms of its own thread have for very many. It goes on for a share of a turn
/// at most, and lets the rooms have theirs in turn.
class relay_actor final : public runtime_actor {
public:
  /// @param backlog bytes of the shares that it has not delivered yet.
  relay_actor(caf::actor_config& cfg, home* at,
              std::shared_ptr<std::atomic<size_t>> backlog);

  const char* name() const override {
    return "troupe.relay";
  }

  caf::behavior make_behavior() override;
  void on_exit() override;

private:
  /// A share that took longer than there was time for.
  struct unfinished {
    relay_job job;
    size_t next; ///< The first block of members still to serve.
    caf::typed_response_promise<relayed> answer;
  };

  /// Those of one room, in order.
  struct lane {
    std::string room;
    std::deque<unfinished> jobs;
  };

  caf::result<relayed> take(relay_job& job);
  caf::result<relayed> put_off(lane& x, relay_job& job, size_t next);
  size_t serve(const relay_job& job, size_t block);
  bool has_time() noexcept;
  void go_on();
  void quit_if_done();
  void serve_next_room();
  relayed finish(const relay_job& job);
  void tell_missed(const missed_share& x);

  std::shared_ptr<std::atomic<size_t>> backlog_;
  std::list<lane> lanes_;
  std::unordered_map<std::string, lane*> by_room_; ///< Of these.
  bool is_dismissed_ = false;
  uint64_t turn_ = 0;                  ///< In which it may serve
  coarse_clock::time_point share_end_; ///< until then.
};

struct thread_relay {
  home* at = nullptr;
  caf::actor relay;
  std::shared_ptr<std::atomic<size_t>> backlog;
};

/// The threads of a runtime, each with its relay. Empty under CAF's own
/// schedulers.
using relay_list = std::shared_ptr<const std::vector<thread_relay>>;

/// Spawns a relay on each of `homes`.
relay_list spawn_relays(caf::actor_system& sys,
                        const std::vector<home*>& homes);

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::relay_job)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::relayed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::missed_share)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::missed)
