#pragma once

#include "actors/member_list.hpp"
#include "actors/pinned_actor.hpp"
#include "actors/seams/fast_path.hpp"
#include "troupe/messages.hpp"

#include <caf/message_id.hpp>
#include <caf/result.hpp>
#include <caf/typed_response_promise.hpp>

#include <atomic>
#include <cstddef>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace troupe::actors {

/// Brings the messages of `room` to all `members`, in the name of `from`. A
/// member that cannot take them ends; the others are served all the same.
void deliver_all(caf::actor_control_block* from, const member_list& members,
                 const batch& messages, const std::string& room);

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

/// For a relay: pass this on to a connection of your thread, after all that you
/// have for it already.
struct letter {
  caf::actor to;
  caf::strong_actor_ptr from; ///< As whose message it comes.
  caf::message_id id = caf::make_message_id();
  caf::message what;
  uint64_t sender = 0;        ///< Whose order it is to keep, as in a batch.
  caf::strong_actor_ptr asks; ///< Is told when it has arrived, if not null.
  uint64_t ticket = 0;
};

/// To a connection: so many messages of a room never reached its thread.
struct missed {
  uint64_t count = 0;
};

/// A relay has brought a share to its members.
struct relayed {
  uint64_t ticket = 0;
  event_loop* at = nullptr; ///< Where they live.
};

/// Delivers on one thread what is published on others, so that a batch crosses
/// between two threads once, whatever the number of members; and what rooms
/// have for very many. It goes on for a share of a turn at most, and lets the
/// rooms have theirs in turn. What comes first from one sender is delivered
/// first, whatever the rooms.
class relay_actor final : public runtime_actor {
public:
  /// @param backlog bytes of the shares that it has not delivered yet.
  relay_actor(caf::actor_config& cfg, event_loop* at,
              std::shared_ptr<std::atomic<size_t>> backlog);

  const char* name() const override {
    return "troupe.relay";
  }

  caf::behavior make_behavior() override;
  void on_exit() override;

  /// Whether the caller is on its thread and it has nothing to deliver.
  bool is_idle() noexcept {
    return idle_here() && open_work_.empty();
  }

private:
  using number = uint64_t;

  /// A share that took longer than there was time for.
  struct unfinished {
    relay_job job;
    size_t next; ///< The first block of members still to serve.
    number at;
    std::vector<number> after; ///< What it must not overtake.
    caf::typed_response_promise<relayed> answer;
  };

  /// Those of one room, in order.
  struct lane {
    std::string room;
    std::deque<unfinished> jobs;
  };

  /// A letter behind unfinished work of its sender.
  struct held_letter {
    letter what;
    number at;
    std::vector<number> after;
  };

  caf::result<relayed> on_job(relay_job& job);
  caf::result<relayed> put_off(lane& x, relay_job& job, size_t next,
                               std::vector<number> after);
  lane& lane_of(const std::string& room);
  void on_letter(letter& x);
  void pass_on(letter& x);
  void pass_on_letters();
  std::optional<number> work_of(uint64_t who) const;
  std::vector<number> work_of(const batch& messages) const;
  void note_work_of(const batch& messages);
  void begin_work();
  void end_work(number x);
  bool may_go(const std::vector<number>& after) const;
  size_t serve(const relay_job& job, size_t block);
  bool has_time() noexcept;
  void deliver_some();
  void quit_if_done();
  void serve_next_room();
  relayed finish(const relay_job& job);
  void tell_missed(const missed_share& x);

  std::shared_ptr<std::atomic<size_t>> backlog_;
  std::list<lane> lanes_;
  std::unordered_map<std::string, lane*> by_room_; ///< Of these.
  std::list<held_letter> letters_;
  number last_work_ = 0;
  std::unordered_set<number> open_work_; ///< Jobs in lanes, and letters.
  std::unordered_map<uint64_t, number> work_by_sender_; ///< The last of each.
  bool is_dismissed_ = false;
  uint64_t turn_ = 0;                  ///< In which it may serve
  coarse_clock::time_point share_end_; ///< until then.
};

struct thread_relay {
  event_loop* at = nullptr;
  caf::actor handle;
  relay_actor* direct = nullptr; ///< `handle` as one.
  std::shared_ptr<std::atomic<size_t>> backlog;
};

/// The threads of a runtime, each with its relay. Empty under CAF's own
/// schedulers.
using relay_list = std::shared_ptr<const std::vector<thread_relay>>;

/// That of thread `at`; null if it has none.
const thread_relay* relay_at(const relay_list& relays, const event_loop* at);

/// Spawns a relay on each of `event_loops`.
relay_list spawn_relays(caf::actor_system& sys,
                        const std::vector<event_loop*>& event_loops);

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::relay_job)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::relayed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::missed_share)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::missed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::letter)
