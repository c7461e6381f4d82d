#pragma once

#include "attendance.hpp"
#include "colleagues.hpp"
#include "directory.hpp"
#include "local_guests.hpp"

#include <caf/actor.hpp>
#include <caf/event_based_actor.hpp>

namespace chat {

/// Assigns nicknames to the guests of this node, and resolves conflicts if two
/// nodes have assigned the same one.
class nickname_claims {
public:
  /// @param owner the directory.
  nickname_claims(caf::event_based_actor* owner, const attendance& all,
                  colleagues& others, const local_guests& ours)
    : owner_(owner),
      all_(all),
      others_(others),
      ours_(ours) {
  }

  /// Responds to the claim of a guest of this node, whose connection is `who`.
  /// The nickname of another guest is given only to a guest with its key; the
  /// other guest's connection is closed.
  void give(const claim& x, const caf::actor& who);

  /// Resolves a conflict between a guest of another node and one of this node
  /// that have the same nickname. If `other` takes precedence, the guest of
  /// this node is renamed, or its connection is closed if the keys match.
  void settle(const attendee& other);

private:
  void take_over(const attendee& owner);
  void rename(attendee x, const caf::actor& connection);

  caf::event_based_actor* owner_;
  const attendance& all_;
  colleagues& others_;
  const local_guests& ours_;
};

} // namespace chat
