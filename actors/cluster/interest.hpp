#pragma once

#include "actors/cluster/bridge_messages.hpp"

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace troupe::actors {

/// Which rooms have members here, and which ids connections have, as another
/// node is told: all at first, then what changes. That a room got its first
/// member is told at once; that it lost its last one after a while, since who
/// reloads a page comes back. What waits is the difference to what the other
/// node knows, however long it waits.
class interest {
public:
  /// A room has members, or none any more.
  void note(const std::string& room, bool has_members);

  /// A connection has an id of a program's own,
  void note(held_id x);

  /// or none has it any more.
  void note_free(const std::string& id);

  bool has_new_ids() const noexcept {
    return !held_.empty();
  }

  /// The other node is to be told everything once more.
  void begin_anew();

  /// Time goes by: rooms that were vacant at the last tick, too, are told so.
  void tick();

  /// Whether some room may be told vacant by a tick to come.
  bool needs_ticks() const noexcept {
    return !vacant_.empty();
  }

  /// What there is to tell; none if nothing. Ask until then.
  std::optional<interest_update> next();

  /// How many rooms and ids are still to be told of.
  size_t size() const noexcept {
    return populated_.size() + vacated_.size() + held_.size() + freed_.size();
  }

private:
  /// Of each kind in one message.
  static constexpr size_t most_names = 4096;

  using id_map = std::unordered_map<std::string, held_id>;

  static std::vector<std::string> take(std::unordered_set<std::string>& from);
  static std::vector<held_id> take(id_map& from);

  std::unordered_set<std::string> told_;         ///< Or about to be.
  std::unordered_map<std::string, bool> vacant_; ///< Since before a tick?
  std::unordered_set<std::string> populated_;    ///< Still to be told.
  std::unordered_set<std::string> vacated_;      ///< Still to be told.
  id_map ids_;                                   ///< All that are held.
  id_map held_;                                  ///< Still to be told.
  std::unordered_set<std::string> freed_;        ///< Still to be told.
  bool is_snapshot_ = false;
  uint64_t last_number_ = 0;
};

} // namespace troupe::actors
