#pragma once

#include "actors/cluster/bridge_messages.hpp"

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace troupe::actors {

/// The rooms with members on this node and the own ids of its connections, as
/// reported to another node: all of them at first, then the changes. The first
/// member of a room is reported at once, the loss of the last one after a
/// while, since a user who reloads a page comes back. Only the difference to
/// what the other node knows waits, no matter for how long.
class interest {
public:
  /// Notes whether a room has members.
  void note(const std::string& room, bool has_members);

  /// Notes that a connection has an own id.
  void note(held_id x);

  /// Notes that no connection has an own id any more.
  void note_free(const std::string& id);

  /// Returns whether an id is still to be reported.
  bool has_new_ids() const noexcept {
    return !held_.empty();
  }

  /// Makes the next update a snapshot.
  void begin_anew();

  /// Called at regular intervals. A room that has been vacant since before the
  /// previous call is to be reported.
  void tick();

  /// Returns whether a later `tick` may report a vacant room.
  bool needs_ticks() const noexcept {
    return !vacant_.empty();
  }

  /// Returns the next update; none if there is nothing to report. An update has
  /// a limited size, so there may be several.
  std::optional<interest_update> next();

  /// Returns the number of rooms and ids that are still to be reported.
  size_t size() const noexcept {
    return populated_.size() + vacated_.size() + held_.size() + freed_.size();
  }

private:
  /// Maximum number of names of each kind in one update.
  static constexpr size_t most_names = 4096;

  using id_map = std::unordered_map<std::string, held_id>;

  static std::vector<std::string> take(std::unordered_set<std::string>& from);
  static std::vector<held_id> take(id_map& from);

  std::unordered_set<std::string> told_; ///< Reported or in `populated_`.
  /// Rooms without members, and whether that was so at the last tick.
  std::unordered_map<std::string, bool> vacant_;
  std::unordered_set<std::string> populated_; ///< To be reported.
  std::unordered_set<std::string> vacated_;   ///< To be reported.
  id_map ids_;                                ///< All that are held.
  id_map held_;                               ///< To be reported.
  std::unordered_set<std::string> freed_;     ///< To be reported.
  bool is_snapshot_ = false;
  uint64_t last_number_ = 0;
};

} // namespace troupe::actors
