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

/// Delivers the messages of `room` to all `members`, with `from` as the sender.
/// Ends a member if the delivery to it throws, and continues with the others.
void deliver_all(caf::actor_control_block* from, const member_list& members,
                 const batch& messages, const std::string& room);

/// Sent by a fan-out to the relay of a thread. Delivers a batch to `members`,
/// which live on this thread. The response is `relayed`.
struct relay_job {
  batch messages;
  std::string room;
  std::shared_ptr<const member_list> members;
  uint64_t ticket = 0; ///< Returned in `relayed`.
  size_t size = 0;     ///< Bytes that the job adds to the backlog.
};

/// Sent by a fan-out to a relay. `members` have missed messages that exceeded
/// the backlog; the relay sends them `missed`.
struct missed_share {
  std::shared_ptr<const member_list> members;
  std::shared_ptr<std::atomic<uint64_t>> count; ///< Messages; reset when read.
};

/// Sent by the registry to a relay. Forwards `what` to a connection on the
/// thread of the relay, after everything that the relay already has from the
/// same sender.
struct letter {
  caf::actor to;
  caf::strong_actor_ptr from; ///< The sender that the connection sees.
  caf::message_id id = caf::make_message_id();
  caf::message what;
  uint64_t sender = 0;        ///< Id of the sender whose order is kept.
  caf::strong_actor_ptr asks; ///< Receives `confirmed`, if not null.
  uint64_t ticket = 0;        ///< Returned in `confirmed`.
};

/// Sent by a relay to a connection: the number of messages of a room that were
/// dropped before they reached the connection's thread.
struct missed {
  uint64_t count = 0;
};

/// Response to `relay_job`: all members have the batch.
struct relayed {
  uint64_t ticket = 0;
  event_loop* at = nullptr; ///< The thread of the relay.
};

/// Delivers batches on one thread: those that are sent off on other threads, so
/// that a batch crosses between two threads once, regardless of the number of
/// members, and those for very many members. Delivers for a limited share of
/// each turn and serves its rooms in rotation. Messages of one sender are
/// delivered in the order in which they were sent, across all rooms.
class relay_actor final : public runtime_actor {
public:
  /// @param backlog size in bytes of the jobs that are not finished.
  relay_actor(caf::actor_config& cfg, event_loop* at,
              std::shared_ptr<std::atomic<size_t>> backlog);

  const char* name() const override {
    return "troupe.relay";
  }

  caf::behavior make_behavior() override;
  void on_exit() override;

  /// Returns whether the caller is on the thread of the relay and the relay has
  /// no work.
  bool is_idle() noexcept {
    return idle_here() && open_work_.empty();
  }

private:
  using number = uint64_t;

  /// A job that is not finished yet.
  struct unfinished {
    relay_job job;
    size_t next;               ///< The first block of members still to serve.
    number at;                 ///< The number of this work.
    std::vector<number> after; ///< Work that has to be finished before.
    caf::typed_response_promise<relayed> answer;
  };

  /// The unfinished jobs of one room, in order.
  struct lane {
    std::string room;
    std::deque<unfinished> jobs;
  };

  /// A letter that waits for unfinished work with messages of its sender.
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
  std::unordered_map<std::string, lane*> by_room_; ///< All `lanes_`.
  std::list<held_letter> letters_;
  number last_work_ = 0;
  std::unordered_set<number> open_work_; ///< Unfinished jobs, held letters.
  std::unordered_map<uint64_t, number> work_by_sender_; ///< The last of each.
  bool is_dismissed_ = false;
  uint64_t turn_ = 0;                  ///< The last turn with deliveries.
  coarse_clock::time_point share_end_; ///< End of the share of that turn.
};

/// The relay of one thread.
struct thread_relay {
  event_loop* at = nullptr;
  caf::actor handle;
  relay_actor* direct = nullptr; ///< `handle` as a relay_actor.
  std::shared_ptr<std::atomic<size_t>> backlog;
};

/// The relays of a runtime, one per thread. Empty under CAF's own schedulers.
using relay_list = std::shared_ptr<const std::vector<thread_relay>>;

/// Returns the relay of thread `at`; null if there is none.
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
