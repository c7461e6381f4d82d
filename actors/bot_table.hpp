#pragma once

#include <caf/actor.hpp>

#include <set>
#include <string>
#include <unordered_map>

namespace troupe::actors {

/// The members of rooms that are not connections, each with its rooms. A bot is
/// in the table as long as it is in a room.
class bot_table {
public:
  /// Adds `room` to the rooms of `who`.
  /// @returns whether `who` is new in the table.
  bool add(const caf::actor& who, const std::string& room);

  /// Removes `room` from the rooms of `who`.
  /// @returns the handle of `who` if that was its only room, which removes it
  ///          from the table; else null.
  caf::actor remove(caf::actor_id who, const std::string& room);

  /// Removes `who` from the table.
  /// @returns its rooms; none if it is not in the table.
  std::set<std::string> extract(caf::actor_id who);

  void clear() {
    entries_.clear();
  }

private:
  struct entry {
    caf::actor handle;
    std::set<std::string> rooms;
  };

  std::unordered_map<caf::actor_id, entry> entries_;
};

} // namespace troupe::actors
