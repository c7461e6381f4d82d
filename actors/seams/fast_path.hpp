#pragma once

#include "troupe/messages.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>

#include <cstdint>
#include <string>

/// @file
///
/// The fast paths: direct calls to connections and rooms instead of messages,
/// since a mailbox costs as much as all other steps of a delivery.

namespace troupe::actors {

/// A member of rooms that is called directly: a connection. `try_deliver`
/// processes a batch of `room` as the message `deliver` would, and
/// `try_confirm` a confirmation as `confirmed` would, if the caller is on the
/// actor's thread and no older message waits in its mailbox
/// (`pinned_actor::idle_here`). Otherwise they do nothing and return false, and
/// the caller has to send the message.
class direct_receiver {
public:
  virtual bool try_deliver(const batch& messages, const std::string& room) = 0;
  virtual bool try_confirm(msg::confirmed msg) = 0;

protected:
  ~direct_receiver() = default;
};

/// An actor to whose members messages can be published directly: a room, or the
/// registry for everyone. Thread-safe: any thread that holds its handle may
/// publish without sending a message to the actor, in the order of the calls.
class direct_channel {
public:
  /// Gathers a message for all current members. It is sent off at the end of
  /// the calling thread's turn at the latest.
  /// @param from   the sender.
  /// @param direct the sender as a direct receiver, to confirm the message;
  ///               null if it is none.
  /// @returns false if the actor has terminated; the message is dropped.
  virtual bool try_publish(const msg::publish& msg,
                           const caf::strong_actor_ptr& from,
                           direct_receiver* direct)
    = 0;

  /// Sends off all gathered messages. Each receiver gets them before all
  /// messages that are published after that, here or elsewhere.
  virtual void flush() = 0;

  /// Removes a member, which still receives the messages that were published
  /// before.
  /// @returns whether it was a member.
  virtual bool let_go(caf::actor_id who) = 0;

  /// Returns whether there is a connection whose id is the name of the room. If
  /// so, the bare name does not address the room.
  virtual bool has_namesake() const noexcept {
    return false;
  }

protected:
  ~direct_channel() = default;
};

/// Returns `who` as a `T`, or null if it is none. The pointer is valid as long
/// as `who` exists. Takes as long as sending a message, so callers keep the
/// result.
template <class T, class Handle>
T* fast_path_to(const Handle& who) {
  return dynamic_cast<T*>(caf::actor_cast<caf::abstract_actor*>(who));
}

} // namespace troupe::actors
