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

/// Keeps the order of what one connection sends on several paths (invariant 2).
///
/// There are three paths: to the connection's own client; directly into a room,
/// or to everyone; and to the registry, which routes by name. A room gathers
/// the messages of a turn. Before a message takes another path, the sequencer
/// makes the last room send off what it has gathered, which preserves the order
/// (see `fan_out`). In two cases it waits for confirmations instead: a message
/// to the own client waits until all earlier messages, which may come back to
/// that client, are confirmed; and a message directly into a room waits until
/// all messages that were sent to the registry are confirmed. Messages that
/// stay on the path to rooms or to the registry do not wait.
///
/// A thread that is held up confirms nothing. Therefore, the end of the
/// connection and leaving a room wait no longer than `lateness` allows. Then
/// everything up to this item is sent, and only the order relative to
/// unconfirmed messages is lost.
class outbound_sequencer {
public:
  /// Sent by the sequencer to its owner, which calls `give_up_waiting`.
  struct overdue {};

  /// Called with no error when everything that was sent before has reached its
  /// receivers, or with the reason why the sequencer does not wait for that.
  using callback = std::function<void(const caf::error&)>;

  /// An item for the connection's own client: a frame, a control frame, the end
  /// of the connection, or a callback in their order.
  using own_item = std::variant<frame, slice, msg::disconnect, callback>;

  /// An item for the registry or a room.
  using item = std::variant<msg::publish, msg::join, msg::leave, close_info>;

  /// Processes an item for the own client.
  using to_client = void (*)(caf::event_based_actor* owner, own_item&);

  /// @param owner  the connection that this is part of.
  /// @param direct `owner` as a direct receiver.
  outbound_sequencer(caf::event_based_actor* owner, direct_receiver* direct,
                     caf::actor registry, to_client f);

  /// Sends `what` to this connection's client.
  void to_self(own_item&& what);

  /// Sends `what` to the registry, or to everyone.
  void send(item&& what);

  /// Sends `what`, a `publish` or a `leave`, directly to a room.
  void send(const caf::actor& room, direct_channel& direct, item&& what) {
    submit({room, &direct, std::move(what)});
  }

  /// Calls `f` when everything that was sent before has reached its receivers.
  void then(callback f) {
    to_self(std::move(f));
  }

  /// Handles that messages have reached their receivers.
  void confirmed(const msg::confirmed& what);

  /// Handles `overdue`: sends the items that have waited for too long.
  /// Callbacks get errc::no_answer.
  void give_up_waiting();

  /// Called when the owner terminates. Drops waiting items, except for leaves,
  /// and calls waiting callbacks with `why`.
  void abandon(const caf::error& why);

  /// Returns whether so many items wait or are unconfirmed that the connection
  /// should not read from its client.
  bool congested() const noexcept {
    return waiting_.size() + tickets_.open() >= congestion_mark;
  }

  /// Approximate size in bytes of a waiting item without its payload.
  static constexpr size_t overhead = 256;

  /// Returns the size of all waiting items in bytes.
  size_t waiting_bytes() const noexcept {
    return waiting_bytes_;
  }

  /// Returns whether an item for the own client does not have to wait.
  bool leads_to_self() const noexcept {
    return waiting_.empty() && tickets_.open() == 0;
  }

  /// Returns whether no item waits.
  bool empty() const noexcept {
    return waiting_.empty();
  }

private:
  /// Bounds the number of items that one client can cause to wait or to be
  /// unconfirmed (invariant 9).
  static constexpr size_t congestion_mark = 64;

  struct outgoing {
    caf::actor to; ///< Null for the own client.
    /// `to` as a direct channel; null if the registry routes by name.
    direct_channel* direct;
    std::variant<own_item, item> what;
    uint64_t number = 0; ///< Set when it begins to wait.
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
  direct_channel* to_everyone_; ///< `registry_` as a direct channel.
  to_client to_client_;
  caf::actor last_to_;                    ///< `to` of the last item.
  direct_channel* last_direct_ = nullptr; ///< `direct` of the last item.
  tickets tickets_;
  std::list<outgoing> waiting_;
  size_t waiting_bytes_ = 0;
  uint64_t last_number_ = 0;
  // The flag after it shares its padding.
  [[no_unique_address]] lateness lateness_; ///< Of urgent items.
  bool is_over_ = false; ///< The connection is delisted, or waits for that.
};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::outbound_sequencer::overdue)
