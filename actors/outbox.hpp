#pragma once

#include "actors/short_way.hpp"
#include "troupe/messages.hpp"

#include <caf/event_based_actor.hpp>

#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <variant>

namespace troupe::actors {

/// Keeps what one connection sends in order over several paths (invariant 2).
///
/// A room gathers what is published in a turn, so a message that takes another
/// way to the same receiver could overtake it. Therefore: what goes the way of
/// the message before goes at once; what goes another way waits until all
/// before it are confirmed, that is, in front of their receivers. Staying on
/// one path, the common case, waits for nothing.
class outbox {
public:
  /// To be called when all that was sent before is in front of its receivers,
  /// or else with the reason why that will not be.
  using callback = std::function<void(const caf::error&)>;

  /// What a connection sends to its own client: a frame, a control frame, the
  /// end; or what is to be called in their place.
  using own_item = std::variant<frame, slice, disconnect, callback>;

  /// What it sends to the registry or a room.
  using item = std::variant<publish, join, leave, close_info>;

  /// Does what an item for the own client says.
  using to_client = void (*)(caf::event_based_actor* owner, own_item&);

  /// @param owner  the connection that this is part of.
  /// @param direct the same as a receiver; null if it is none.
  outbox(caf::event_based_actor* owner, receiver* direct, caf::actor registry,
         to_client f);

  /// Sends `what` to this connection's client.
  void to_self(own_item&& what);

  /// Sends `what` to the registry, by name.
  void send(item&& what) {
    submit({registry_, to_everyone_, std::move(what)});
  }

  /// Sends `what` to a room.
  /// @param direct the short way there; null if there is none.
  void send(const caf::actor& to, gatherer* direct, item&& what) {
    submit({to, direct, std::move(what)});
  }

  /// Calls `f` when all before it has reached its receivers.
  void then(callback f) {
    to_self(std::move(f));
  }

  /// `count` sent messages have reached their receivers.
  void confirmed(uint32_t count);

  /// A room was killed: its confirmations will not come.
  void forget(const caf::actor& room, const std::string& name);

  /// The owner ends: drops what waits, and says so to callbacks.
  void abandon(const caf::error& why);

  /// Whether so much is on its way that the client had better rest.
  bool congested() const noexcept {
    return waiting_.size() + unconfirmed_ >= congestion_mark;
  }

  /// What a message takes in here besides its bytes, about.
  static constexpr size_t overhead = 256;

  /// What waits, in bytes.
  size_t waiting_bytes() const noexcept {
    return waiting_bytes_;
  }

  /// Whether what goes to the own client goes at once.
  bool leads_to_self() const noexcept {
    return waiting_.empty() && (unconfirmed_ == 0 || !current_.to);
  }

  /// Whether all is sent.
  bool empty() const noexcept {
    return waiting_.empty();
  }

private:
  /// Bounds what one client can have in the mailboxes of rooms (invariant 9).
  static constexpr size_t congestion_mark = 64;

  struct parcel {
    caf::actor to;    ///< Null for the own client.
    gatherer* direct; ///< `to` as one.
    std::variant<own_item, item> what;
  };

  /// Where a parcel goes. The registry leads to as many receivers as there are
  /// names, each a path of its own.
  struct path {
    caf::actor to;
    std::string name;

    friend bool operator==(const path&, const path&) = default;
  };

  static size_t size_of(const parcel& x);
  path path_of(const parcel& x) const;
  void submit(parcel&& x);
  bool may_go(const path& p) const;
  void dispatch(path p, parcel& x);
  bool goes_short_way(const parcel& x) const;
  void send_waiting();

  caf::event_based_actor* owner_;
  receiver* owner_direct_;
  caf::actor registry_;
  gatherer* to_everyone_; ///< The registry.
  to_client to_client_;
  path current_;
  uint32_t unconfirmed_ = 0;
  std::list<parcel> waiting_;
  size_t waiting_bytes_ = 0;
};

} // namespace troupe::actors
