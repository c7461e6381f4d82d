#pragma once

#include "troupe/messages.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>

#include <cstdint>

/// The short ways: what an actor of ours can be told without a mailbox round,
/// which costs as much as all the rest. Each function does at once what the
/// message of that name would, if the caller is on the actor's thread and
/// nothing older waits in its mailbox (`pinned::idle_here`); if not, it returns
/// false and does nothing: send the message then.

namespace troupe::actors {

/// A member of rooms that sends to rooms, too: a connection.
class receiver {
public:
  virtual bool take(const batch& messages) = 0;
  virtual bool take(confirmed msg) = 0;

protected:
  ~receiver() = default;
};

/// Who gathers what is published: a room, and the registry for everyone.
class gatherer {
public:
  /// @param from   the sender.
  /// @param direct the sender as a receiver, to be confirmed; null if it is
  ///               none.
  virtual bool
  take(const publish& msg, const caf::strong_actor_ptr& from, receiver* direct)
    = 0;

protected:
  ~gatherer() = default;
};

/// `who` as one of these; null if it is none. Good as long as `who`. Takes as
/// long as a message: ask once, not each time.
template <class T, class Handle>
T* short_way_to(const Handle& who) {
  return dynamic_cast<T*>(caf::actor_cast<caf::abstract_actor*>(who));
}

} // namespace troupe::actors
