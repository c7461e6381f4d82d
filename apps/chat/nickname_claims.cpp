#include "nickname_claims.hpp"

#include "clock.hpp"
#include "text.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace chat {

namespace {

bool is_name_of_bot(const std::string& nick) {
  return std::any_of(std::begin(bots), std::end(bots),
                     [&](auto* x) { return fold(x) == fold(nick); });
}

} // namespace

void nickname_claims::give(const claim& x, const caf::actor& who) {
  attendee me{x.guest, x.nick, x.key, server_time(), 0, all_.rooms_of(x.guest)};
  if (is_name_of_bot(x.nick))
    return ours_.refuse(who, x.nick, "This nickname is taken.");
  if (const auto* owner = all_.owner_of(x.nick)) {
    auto is_me = owner->who == x.guest;
    if (!is_me && (x.key.empty() || x.key != owner->key))
      return ours_.refuse(who, x.nick, "This nickname is taken.");
    me.since = owner->since;
    me.turn = owner->turn + (is_me ? 0 : 1);
    if (!is_me)
      take_over(*owner);
  }
  others_.put(std::move(me));
  owner_->send(who, named{x.nick});
}

/// Closes the old connection of a page that has a new one, since the old one
/// may not have noticed yet that its client is gone. On another node, the
/// directory of that node does this.
void nickname_claims::take_over(const attendee& owner) {
  if (const auto* connection = ours_.find(owner.who))
    ours_.close_taken_over(*connection);
}

void nickname_claims::settle(const attendee& other) {
  for (const auto& mine : all_.called(other.nick)) {
    const auto* connection = ours_.find(mine.who);
    if (!connection || !outranks(other, mine))
      continue;
    if (!mine.key.empty() && mine.key == other.key)
      take_over(mine);
    else
      rename(mine, *connection);
  }
}

void nickname_claims::rename(attendee x, const caf::actor& connection) {
  auto old = std::exchange(x.nick, {});
  for (size_t n = 4; x.nick.empty() || all_.owner_of(x.nick); ++n)
    x.nick = distinct_nick(old, x.who.substr(0, n));
  x.since = server_time();
  x.turn = 0;
  ours_.refuse(connection, old,
               "Somebody else was called " + old + " before you, on another "
                 "server. You are " + x.nick + " now.");
  owner_->send(connection, named{x.nick});
  others_.put(std::move(x));
}

} // namespace chat
