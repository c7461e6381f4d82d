#pragma once

#include "troupe/messages.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>

#include <cstdint>

/// The fast paths: what an actor of ours can be told without a mailbox round,
/// which costs as much as all the rest.

namespace troupe::actors {

/// A member of rooms that sends to rooms, too: a connection. Each function does
/// at once what the message of that name would, if the caller is on the actor's
/// thread and nothing older waits in its mailbox (`pinned_actor::idle_here`);
/// if not, it returns false and does nothing: send the message then.
class direct_receiver {
public:
  virtual bool try_deliver(const batch& messages) = 0;
  virtual bool try_confirm(msg::confirmed msg) = 0;

protected:
  ~direct_receiver() = default;
};

/// Whose members hear what is published: a room, and the registry for everyone.
/// Thread-safe: whoever holds its handle may speak in it without a message to
/// it, and be sure of the order.
class direct_channel {
public:
  /// Takes a message in, for all that are members now. It leaves with the
  /// calling thread's turn at the latest.
  /// @param from   the sender.
  /// @param direct the sender as a direct receiver, to be confirmed; null if it
  /// is
  ///               none.
  /// @returns false if the room has ended: nobody hears it.
  virtual bool try_publish(const msg::publish& msg,
                           const caf::strong_actor_ptr& from,
                           direct_receiver* direct)
    = 0;

  /// Sends off what it has taken in. What anybody takes in after that, here or
  /// elsewhere, comes later to each receiver.
  virtual void flush() = 0;

  /// Lets a member go. It hears what was taken in before.
  /// @returns whether it was one.
  virtual bool let_go(caf::actor_id who) = 0;

  /// Whether there is a connection of its name: then the name alone does not
  /// address the room.
  virtual bool has_namesake() const noexcept {
    return false;
  }

protected:
  ~direct_channel() = default;
};

/// `who` as one of these; null if it is none. Good as long as `who`. Takes as
/// long as a message: ask once, not each time.
template <class T, class Handle>
T* fast_path_to(const Handle& who) {
  return dynamic_cast<T*>(caf::actor_cast<caf::abstract_actor*>(who));
}

} // namespace troupe::actors
