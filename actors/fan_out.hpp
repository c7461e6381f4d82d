#pragma once

#include "actors/listeners.hpp"
#include "actors/outpost.hpp"
#include "actors/relay.hpp"
#include "troupe/messages.hpp"

#include <caf/event_based_actor.hpp>

#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

namespace troupe::actors {

/// The heart of a room, and of the registry's "everyone": a set of members that
/// get what was published in one turn as one batch, once each. Part of its
/// owner, an actor, and used only by it.
///
/// Members are grouped by the thread they live on. The owner serves those of
/// its own thread itself, unless they are very many, and leaves each other
/// group to its thread's relay, as one message. Members that are no connections
/// are its `listeners`. Links to other nodes are no members: they hear what is
/// said here, not what came from afar.
class fan_out {
public:
  /// @param owner  the actor that this is part of.
  /// @param at     its thread, null without.
  /// @param relays one relay per thread, shared by all fan-outs.
  /// @param room   what members are told that the room is called.
  fan_out(caf::event_based_actor* owner, home* at,
          std::shared_ptr<server_core> core, relay_list relays,
          std::string room);

  /// @returns whether `who` is a new member. What was published before does not
  ///          reach it.
  bool add(const caf::actor& who);

  /// @returns whether `who` was a member. What was published before still
  ///          reaches it.
  bool remove(caf::actor_id who);

  bool contains(caf::actor_id who) const noexcept {
    return where_.count(who) != 0 || listeners_.contains(who);
  }

  size_t size() const noexcept {
    return where_.size() + listeners_.size();
  }

  std::vector<caf::actor> members() const;

  /// From now on what is published here goes to these links, too.
  void set_links(std::vector<caf::actor> links);

  /// Takes in a message and asks for a `turn_end` to the owner, which then
  /// calls `on_turn_end`: all that a turn gathers leaves at once.
  /// @param direct the sender as a receiver if that is known.
  void gather(const publish& msg, const caf::strong_actor_ptr& sender,
              receiver* direct = nullptr);

  /// The same with messages of another node. The request under way is answered
  /// once they are in front of every member.
  void gather(arrival msg);

  /// Delivers what was gathered.
  void on_turn_end();

  /// A relay has delivered its share of one of the oldest batches.
  void on_relayed(const relayed& msg);

  /// Whether all that was published is delivered and confirmed.
  bool settled() const noexcept {
    return gathered_.empty() && pending_.empty();
  }

  /// Forgets members and messages: the owner ends. Who waits for one to arrive
  /// is told so, or would wait for ever.
  void clear();

private:
  /// The members on one thread. The list is shared with a relay while that is
  /// at work with it, and copied before a change only then.
  struct group {
    home* at = nullptr;
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

  struct sender_count {
    caf::strong_actor_ptr sender;
    receiver* direct;
    uint32_t count;
  };

  /// Who is to be told when a batch is in front of its receivers.
  struct waiting {
    std::vector<sender_count> senders;
    std::vector<caf::response_promise> links;
  };

  /// A batch that some relays have not delivered yet.
  struct pending {
    uint64_t ticket;
    size_t relays_left;
    waiting told;
  };

  void ask_for_turn_end();
  void flush();
  bool may_serve(const group& g) const noexcept;
  bool leave_to_relay(group& g, const batch& messages, uint64_t ticket);
  void tell_links(const batch& messages);
  uint32_t group_for(home* at);
  member_list& writable(group& g);
  void confirm(waiting& told);

  caf::event_based_actor* owner_;
  home* at_;
  relay_list relays_;
  size_t max_backlog_;
  std::vector<group> groups_;
  std::unordered_map<caf::actor_id, place> where_;
  listeners listeners_;
  std::string room_;
  std::vector<caf::actor> links_;
  std::vector<batch::entry> gathered_;
  bool is_for_links_ = false; ///< Some of it.
  waiting to_tell_;
  std::list<pending> pending_;
  size_t own_pending_ = 0; ///< Shares that the own thread's relay has.
  uint64_t last_ticket_ = 0;
  bool turn_end_asked_ = false;
};

} // namespace troupe::actors
