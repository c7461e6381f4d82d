#pragma once

#include "actors/bridges.hpp"
#include "actors/listeners.hpp"
#include "actors/pinned_actor.hpp"
#include "actors/relay_actor.hpp"
#include "actors/seams/fast_path.hpp"
#include "troupe/messages.hpp"

#include <caf/actor.hpp>

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace troupe::actors {

/// The members of a room, or of the registry as the room of everyone. Gathers
/// the messages that are published in one turn and delivers them to each member
/// as one batch. Part of an actor, its owner, which is the sender of all
/// batches. Thread-safe: senders on any thread publish messages and send them
/// off directly, which preserves their order (docs/decisions/0012).
///
/// Members are grouped by the thread on which they live. The thread that sends
/// off a batch serves its own members, unless there are very many of them or
/// the relay of the thread has pending work. It sends the batch for each other
/// group to the relay of the group's thread, as one message. Therefore, what is
/// sent off first reaches each member first, across all rooms and threads.
///
/// Members that are not connections are in `listeners`, and so are observers,
/// which receive all messages without being members. Bridges to other nodes
/// are not members: they receive messages of senders on this node, but none
/// that come from other nodes.
class fan_out final : public direct_channel {
public:
  /// @param owner  the actor that this is part of.
  /// @param relays one relay per thread, shared by all fan-outs.
  /// @param room   the name of the room in `deliver`; empty for everyone.
  fan_out(pinned_actor* owner, std::shared_ptr<server_core> core,
          relay_list relays, std::string room);

  /// Adds `who`, which receives only messages that are published after that.
  /// @returns whether `who` is a new member.
  bool add(const caf::actor& who);

  /// Adds `who` as an observer, which `size` and `handles` do not count.
  /// @pre `who` is not a connection.
  /// @returns false if `who` is an observer or a member.
  bool observe(const caf::actor& who);

  bool let_go(caf::actor_id who) override;

  bool contains(caf::actor_id who) const;
  size_t size() const;
  std::vector<caf::actor> handles() const;
  std::vector<caf::actor> observers() const;

  /// Replaces the bridges. Messages that are gathered already go to the
  /// previous ones.
  void set_bridges(std::vector<caf::actor> bridges);

  bool try_publish(const msg::publish& msg, const caf::strong_actor_ptr& from,
                   direct_receiver* direct) override;

  /// Publishes messages of another node. `bridge` receives `confirmed` with the
  /// ticket of `msg`.
  /// @returns false if the owner has terminated.
  bool try_publish(arrival msg, const caf::strong_actor_ptr& bridge);

  void flush() override;

  /// Handles that a relay has delivered its share of a batch.
  void on_relayed(const relayed& msg);

  /// Handles the response of a listener to a request.
  void on_read(uint64_t request);

  /// Returns whether all published messages are delivered and confirmed.
  bool settled() const;

  /// Called when the owner terminates. Sends off the gathered messages,
  /// confirms all messages that are not confirmed yet, since their senders
  /// would wait forever, and removes all members. Further members and messages
  /// are refused.
  void clear();

private:
  /// The members on one thread. The list is shared with threads that deliver a
  /// batch to it, and is copied before a change only if it is shared.
  struct group {
    event_loop* at = nullptr;
    const thread_relay* relay = nullptr; ///< Null if the thread has none.
    std::shared_ptr<member_list> members;
    size_t copied = 0; ///< Bytes of copies not yet counted in the backlog.
    /// Number of messages that the members missed and were not notified of yet;
    /// null for none.
    std::shared_ptr<std::atomic<uint64_t>> missed;
  };

  struct place {
    uint32_t group;
    uint32_t index;
  };

  /// An actor that joined or left while messages were gathered. Receives the
  /// gathered messages `[from, to)`.
  struct part {
    caf::actor who;
    size_t from;
    size_t to;
    bool stays; ///< Whether it is still a member.
  };

  struct sender_tickets {
    caf::strong_actor_ptr sender;
    direct_receiver* direct;
    uint64_t first;
    uint64_t last;
  };

  using senders = std::vector<sender_tickets>;

  /// A batch that not all members have yet.
  struct pending {
    uint64_t ticket;
    size_t shares_left;
    senders told; ///< To be confirmed when all have it.
  };

  /// Work that the calling thread does after it has released the lock.
  struct own_work {
    struct share {
      std::shared_ptr<const member_list> members;
      batch messages;
    };

    std::vector<share> shares;
    uint64_t ticket = 0; ///< Of the `pending` batch; 0 for none.
    senders told;        ///< To be confirmed after that.
  };

  void expect_confirmation(uint64_t ticket, const caf::strong_actor_ptr& sender,
                           direct_receiver* direct);
  void ask_for_flush();
  own_work send_off();
  void send_to(group& g, std::shared_ptr<member_list> members,
               const batch& messages, own_work& own, pending& all);
  void send_part(const part& x, const batch& messages, own_work& own,
                 pending& all);
  bool may_serve(const group& g) const noexcept;
  bool leave_to_relay(group& g, std::shared_ptr<const member_list> members,
                      const batch& messages, uint64_t ticket);
  void tell_bridges(const batch& messages);
  senders finish_share(uint64_t ticket);
  void confirm(const senders& told);
  void add_now(const caf::actor& who, direct_receiver& direct);
  caf::actor remove_now(place x);
  uint32_t group_for(event_loop* at);
  uint32_t group_of(const caf::actor& who);
  member_list& writable(group& g);

  template <class T>
  void send(const caf::actor& who, T&& what) const {
    who->enqueue(caf::make_mailbox_element(owner_->ctrl(),
                                           caf::make_message_id(), {},
                                           std::forward<T>(what)),
                 event_loop::current());
  }

  pinned_actor* const owner_;
  const relay_list relays_;
  const size_t max_backlog_;
  const std::string room_;

  mutable std::mutex mutex_;
  std::vector<group> groups_;
  std::unordered_map<caf::actor_id, place> where_;
  std::vector<part> parts_;
  /// Indices of members that joined, in `parts_`.
  std::unordered_map<caf::actor_id, size_t> newcomers_;
  listeners listeners_;
  std::vector<caf::actor> bridges_;
  std::vector<batch::entry> gathered_;
  bool is_for_bridges_ = false; ///< Some gathered messages are for bridges.
  senders to_tell_;
  std::list<pending> pending_;
  uint64_t last_ticket_ = 0;
  /// Event loops that call `flush` at the end of their turn.
  std::vector<event_loop*> asked_;
  bool is_over_ = false;
};

} // namespace troupe::actors
