#pragma once

#include "actors/seams/fast_path.hpp"

#include <caf/actor.hpp>

#include <cstdint>
#include <map>
#include <utility>

namespace troupe::actors {

/// Keeps the order of each sender whose messages a registry passes on, within a
/// turn: what a sender has in one room is sent off before its next message goes
/// elsewhere (invariant 2).
class passing_order {
public:
  /// A sender, and the bridge that it is behind if it is on another node, else
  /// 0.
  using sender = std::pair<uint64_t, caf::actor_id>;

  /// The next message of `who` goes to `where`.
  /// @param keeps `where` as an actor.
  /// @param where null: the message is on its way at once.
  void note(const sender& who, const caf::actor& keeps, direct_channel* where);

  bool empty() const noexcept {
    return last_.empty();
  }

  /// A turn is over: sends everything off and forgets everybody.
  void send_off();

  void clear() {
    last_.clear();
  }

private:
  /// Where a sender's last message went that may not be sent off yet.
  struct place {
    caf::actor keeps; ///< `at`.
    direct_channel* at = nullptr;
  };

  std::map<sender, place> last_;
};

} // namespace troupe::actors
