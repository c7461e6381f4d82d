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

/// A guest, as known to the directory of its node. A directory is an attendee,
/// too: in the rooms that it keeps, under the name of its node and without a
/// nickname.
struct attendee {
  /// The id of the connection, or the name of a directory's node.
  std::string who;
  std::string nick;  ///< Empty for a directory.
  std::string key;   ///< Permits taking over the nickname.
  int64_t since = 0; ///< When the nickname was first claimed with `key`.
  uint64_t turn = 0; ///< How often the nickname was taken over since.
  std::set<std::string> rooms;

  friend bool operator==(const attendee&, const attendee&) = default;
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(attendee, who, nick, key, since, turn, rooms)

/// Returns whether `x` keeps a nickname that `y` has as well. All nodes agree:
/// the first claim takes precedence, and among connections with the same key
/// the last one that has taken over.
bool outranks(const attendee& x, const attendee& y);

/// The attendees of the whole cluster. Only a node's directory reports who is
/// at its node.
class attendance {
public:
  /// Adds or replaces an attendee.
  /// @param node the node of `x`.
  /// @returns the previous state; without rooms if there was none.
  attendee put(const std::string& node, attendee x);

  /// @returns the previous state; without rooms if there was none.
  attendee remove(const std::string& who);

  /// Returns the attendee with this id; null if there is none.
  const attendee* find(const std::string& who) const;

  /// Returns the rooms of an attendee; none if the attendee is unknown.
  std::set<std::string> rooms_of(const std::string& who) const;

  /// Returns the attendee with this nickname that outranks all others; null if
  /// there is none.
  const attendee* owner_of(std::string_view nick) const;

  /// Returns all attendees with this nickname.
  std::vector<attendee> called(std::string_view nick) const;

  /// Returns all attendees at a node.
  std::vector<attendee> at(const std::string& node) const;

  /// Returns the guests in a room.
  std::vector<person> in(const std::string& room) const;

  /// Returns the nodes whose directories keep a room.
  std::set<std::string> keepers(const std::string& room) const;

  /// Returns all rooms with a guest or a directory in them.
  std::vector<room_count> rooms() const;

private:
  struct entry {
    std::string node;
    attendee is;
  };

  /// Sets of `attendee::who` by a common property.
  using index = std::map<std::string, std::set<std::string>>;

  index& in_rooms(const attendee& x) {
    return x.nick.empty() ? kept_ : guests_;
  }

  static void erase(index& from, const std::string& key,
                    const std::string& who);

  std::map<std::string, entry> all_; ///< By `attendee::who`.
  index guests_;                     ///< By room.
  index kept_;                       ///< Directories by room.
  index called_;                     ///< By folded nickname.
};

} // namespace chat
