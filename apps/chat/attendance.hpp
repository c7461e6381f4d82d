#pragma once

#include "protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace chat {

/// A guest as the directory of its node knows it. A directory attends, too: in
/// the rooms that it keeps, by the name of its node and without a nickname.
struct attendee {
  std::string who;   ///< The connection's id.
  std::string nick;  ///< Empty for a directory.
  std::string key;   ///< Who knows it may take the nickname over.
  int64_t since = 0; ///< When the nickname was first claimed with this key.
  uint64_t turn = 0; ///< How often it was taken over since.
  std::set<std::string> rooms;

  friend bool operator==(const attendee&, const attendee&) = default;
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(attendee, who, nick, key, since, turn, rooms)

/// Whether `x` keeps a nickname that `y` has as well. All nodes agree on it:
/// first come, first served, and who takes over wins against its former self.
bool outranks(const attendee& x, const attendee& y);

/// Who is there, in the whole cluster. Each node's directory says who is at its
/// node; nobody else does.
class attendance {
public:
  /// @param node whose guest `x` is.
  /// @returns what was known of it before: without rooms if nothing.
  attendee put(const std::string& node, attendee x);

  /// @returns what was known of it.
  attendee remove(const std::string& who);

  /// Null if there is nobody.
  const attendee* find(const std::string& who) const;

  /// Who is called so and outranks all others who are; null if nobody is.
  const attendee* owner_of(std::string_view nick) const;

  /// All who are called so.
  std::vector<attendee> called(std::string_view nick) const;

  /// All attendees at a node.
  std::vector<attendee> at(const std::string& node) const;

  /// The guests in a room.
  std::vector<person> in(const std::string& room) const;

  /// The nodes whose directories keep a room.
  std::set<std::string> keepers(const std::string& room) const;

  /// All rooms that somebody is in or keeps.
  std::vector<room_count> rooms() const;

private:
  struct entry {
    std::string node;
    attendee is;
  };

  /// Who is something that several may be.
  using index = std::map<std::string, std::set<std::string>>;

  index& in_rooms(const attendee& x) {
    return x.nick.empty() ? kept_ : guests_;
  }

  static void erase(index& from, const std::string& key,
                    const std::string& who);

  std::map<std::string, entry> all_; ///< By `who`.
  index guests_;                     ///< By room.
  index kept_;                       ///< By room: the nodes.
  index called_;                     ///< By folded nickname.
};

} // namespace chat
