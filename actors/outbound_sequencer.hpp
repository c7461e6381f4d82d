#pragma once

#include "actors/lateness.hpp"
#include "actors/seams/fast_path.hpp"
#include "actors/tickets.hpp"
#include "troupe/messages.hpp"

#include <caf/event_based_actor.hpp>

#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <variant>

namespace troupe::actors {

/// Keeps what one connection sends in order over several ways (invariant 2).
///
/// There are three: to the own client; into a room, or everyone, at once; and
/// to the registry, which does with it what has to be done by name. A room
/// gathers what is published in a turn, so before something goes another way it
/// is sent off, which is all that order needs (see `fan_out`). What goes to the
/// own client waits until all that could come back to it has, and what goes
/// straight into a room until the registry has dealt with what it was sent:
/// until that is confirmed. Staying on one way waits for nothing.
///
/// A thread that is held confirms nothing. So the end, and leaving a room, wait
/// no longer than `lateness` allows: then all up to there is sent, and only the
/// order to what is not confirmed is lost.
class outbound_sequencer {
public:
  /// To the owner: call `give_up_waiting`.
  struct overdue {};

  /// To be called when all that was sent before is in front of its receivers,
  /// or else with the reason why that will not be.
  using callback = std::function<void(const caf::error&)>;

  /// What a connection sends to its own client: a frame, a control frame, the
  /// end; or what is to be called in their place.
  using own_item = std::variant<frame, slice, msg::disconnect, callback>;

  /// What it sends to the registry or a room.
  using item = std::variant<msg::publish, msg::join, msg::leave, close_info>;

  /// Does what an item for the own client says.
  using to_client = void (*)(caf::event_based_actor* owner, own_item&);

  /// @param owner  the connection that this is part of.
  /// @param direct the same as a receiver.
  outbound_sequencer(caf::event_based_actor* owner, direct_receiver* direct,
                     caf::actor registry, to_client f);

  /// Sends `what` to this connection's client.
  void to_self(own_item&& what);

  /// Sends `what` to the registry, or to everyone.
  void send(item&& what);

  /// Sends `what`, a message or a leave, to a room.
  void send(const caf::actor& room, direct_channel& direct, item&& what) {
    submit({room, &direct, std::move(what)});
  }

  /// Calls `f` when all before it has reached its receivers.
  void then(callback f) {
    to_self(std::move(f));
  }

  /// These have reached their receivers.
  void confirmed(const msg::confirmed& what);

  /// Sends what has waited for too long. Callbacks get errc::no_answer.
  void give_up_waiting();

  /// The owner ends: drops what waits, and says so to callbacks.
  void abandon(const caf::error& why);

  /// Whether so much is on its way that the client had better rest.
  bool congested() const noexcept {
    return waiting_.size() + tickets_.open() >= congestion_mark;
  }

  /// What a message takes in here besides its bytes, about.
  static constexpr size_t overhead = 256;

  /// What waits, in bytes.
  size_t waiting_bytes() const noexcept {
    return waiting_bytes_;
  }

  /// Whether what goes to the own client goes at once.
  bool leads_to_self() const noexcept {
    return waiting_.empty() && tickets_.open() == 0;
  }

  /// Whether all is sent.
  bool empty() const noexcept {
    return waiting_.empty();
  }

private:
  /// Bounds what one client can have under way (invariant 9).
  static constexpr size_t congestion_mark = 64;

  struct outgoing {
    caf::actor to; ///< Null for the own client.
    direct_channel*
      direct; ///< `to` as one; null if it goes to the registry by name.
    std::variant<own_item, item> what;
    uint64_t number = 0; ///< If it waits.
  };

  static size_t size_of(const outgoing& x);
  bool is_urgent(const outgoing& x) const;
  void submit(outgoing&& x);
  bool is_on_way(const outgoing& x) const;
  bool may_go(const outgoing& x) const;
  void dispatch(outgoing& x);
  void dispatch(outgoing& x, msg::publish& msg);
  void dispatch(outgoing& x, msg::join& msg);
  void dispatch(outgoing& x, msg::leave& msg);
  void dispatch(outgoing& x, close_info& msg);
  void send_waiting();
  outgoing next_waiting();

  caf::event_based_actor* owner_;
  direct_receiver* owner_direct_;
  caf::actor registry_;
  direct_channel* to_everyone_; ///< The registry.
  to_client to_client_;
  caf::actor last_to_;         ///< Where the last message went,
  direct_channel* last_direct_ ///< and how.
    = nullptr;
  tickets tickets_;
  std::list<outgoing> waiting_;
  size_t waiting_bytes_ = 0;
  uint64_t last_number_ = 0;
  // The flag after it lies in its padding.
  [[no_unique_address]] lateness lateness_; ///< Of what is urgent.
  bool is_over_ = false; ///< The registry is to be told so, or has been.
};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::outbound_sequencer::overdue)
