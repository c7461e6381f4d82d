#pragma once

#include "actors/seams/fast_path.hpp"

#include <caf/actor.hpp>

#include <cstdint>
#include <map>
#include <utility>

namespace troupe::actors {

/// Keeps the order of each sender whose messages a registry routes within a
/// turn: a room sends off the messages of a sender before the next message of
/// that sender goes elsewhere (invariant 2).
class passing_order {
public:
  /// The id of a sender and, if it is on another node, the id of the bridge to
  /// that node; otherwise 0.
  using sender = std::pair<uint64_t, caf::actor_id>;

  /// Notes that the next message of `who` goes to `where`. If the previous one
  /// went elsewhere, sends that off first.
  /// @param keeps `where` as an actor.
  /// @param where null if nothing gathers the message.
  void note(const sender& who, const caf::actor& keeps, direct_channel* where);

  bool empty() const noexcept {
    return last_.empty();
  }

  /// Sends off all messages and forgets all senders. Called at the end of a
  /// turn.
  void send_off();

  void clear() {
    last_.clear();
  }

private:
  /// The channel that may still gather the last message of a sender.
  struct place {
    caf::actor keeps; ///< `at` as an actor.
    direct_channel* at = nullptr;
  };

  std::map<sender, place> last_;
};

} // namespace troupe::actors
