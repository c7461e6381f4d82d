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

/// The heart of a room, and of the registry's "everyone": a set of members that
/// get what was published in one turn as one batch, once each. Part of its
/// owner, an actor, as whose message everything comes. Thread-safe, so that
/// senders on any thread speak in it, and send it off, in an order that is
/// theirs: docs/decisions/0012.
///
/// Members are grouped by the thread they live on. Who sends a batch off serves
/// those of its own thread itself, unless they are very many or that thread's
/// relay has something for them already, and leaves each other group to its
/// thread's relay, as one message. So what is sent off first comes first to
/// each member, whatever the rooms and threads. Members that are no connections
/// are its `listeners`. Bridges to other nodes are no members: they hear what
/// is said here, not what came from other nodes.
class fan_out final : public direct_channel {
public:
  /// @param owner  the actor that this is part of.
  /// @param relays one relay per thread, shared by all fan-outs.
  /// @param room   what members are told that the room is called.
  fan_out(pinned_actor* owner, std::shared_ptr<server_core> core,
          relay_list relays, std::string room);

  /// @returns whether `who` is a new member. What was published before does not
  ///          reach it.
  bool add(const caf::actor& who);

  bool let_go(caf::actor_id who) override;

  bool contains(caf::actor_id who) const;
  size_t size() const;
  std::vector<caf::actor> members() const;

  /// From now on what is published here goes to these bridges, too.
  void set_bridges(std::vector<caf::actor> bridges);

  bool try_publish(const msg::publish& msg, const caf::strong_actor_ptr& from,
                   direct_receiver* direct) override;

  /// The same with messages of another node. The bridge is told `confirmed`
  /// with the arrival's ticket.
  bool try_publish(arrival msg, const caf::strong_actor_ptr& bridge);

  void flush() override;

  /// A relay has delivered its share of one of the oldest batches.
  void on_relayed(const relayed& msg);

  /// A listener has answered a request.
  void on_read(uint64_t request);

  /// Whether all that was published is delivered and confirmed.
  bool settled() const;

  /// Sends off what there is, then forgets members and messages, and takes in
  /// none any more: the owner ends. Who waits for a message to arrive is told
  /// so, or would wait for ever.
  void clear();

private:
  /// The members on one thread. The list is shared with who is at work with it,
  /// and copied before a change only then.
  struct group {
    event_loop* at = nullptr;
    const thread_relay* relay = nullptr; ///< Null without threads.
    std::shared_ptr<member_list> members;
    size_t copied = 0; ///< Bytes of lists that the relay alone still needs.
    std::shared_ptr<std::atomic<uint64_t>> missed; ///< Messages, untold yet;
                                                   ///< null if never any.
  };

  struct place {
    uint32_t group;
    uint32_t index;
  };

  /// Who came or went while messages were gathered, and hears some of them.
  struct part {
    caf::actor who;
    size_t from;
    size_t to;
    bool stays;
  };

  struct sender_tickets {
    caf::strong_actor_ptr sender;
    direct_receiver* direct;
    uint64_t first;
    uint64_t last;
  };

  using senders = std::vector<sender_tickets>;

  /// A batch that is not everywhere yet.
  struct pending {
    uint64_t ticket;
    size_t shares_left;
    senders told; ///< When it is.
  };

  /// What the calling thread has to do itself, without the lock.
  struct own_work {
    struct share {
      std::shared_ptr<const member_list> members;
      batch messages;
    };

    std::vector<share> shares;
    uint64_t ticket = 0; ///< 0: it is everywhere then.
    senders told;
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
  std::unordered_map<caf::actor_id, size_t> newcomers_; ///< Among these.
  listeners listeners_;
  std::vector<caf::actor> bridges_;
  std::vector<batch::entry> gathered_;
  bool is_for_bridges_ = false; ///< Some of it.
  senders to_tell_;
  std::list<pending> pending_;
  uint64_t last_ticket_ = 0;
  std::vector<event_loop*>
    asked_; ///< Whose turn's end sends off what is gathered.
  bool is_over_ = false;
};

} // namespace troupe::actors
