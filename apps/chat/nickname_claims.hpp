#pragma once

#include "attendance.hpp"
#include "colleagues.hpp"
#include "directory.hpp"
#include "local_guests.hpp"

#include <caf/actor.hpp>
#include <caf/event_based_actor.hpp>

namespace chat {

/// Decides who is called how: gives free nicknames to guests of this node, and
/// settles it if two nodes gave the same one.
class nickname_claims {
public:
  /// @param owner the directory, which this is part of.
  nickname_claims(caf::event_based_actor* owner, const attendance& all,
                  colleagues& others, const local_guests& ours)
    : owner_(owner),
      all_(all),
      others_(others),
      ours_(ours) {
  }

  /// Answers the claim of a guest of this node, whose connection is `who`. The
  /// nickname of another guest is given only to who knows its key: that guest
  /// is sent away.
  void give(const claim& x, const caf::actor& who);

  /// Of two that were given one nickname at two nodes, that did not know of
  /// each other, ours must go by another.
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
