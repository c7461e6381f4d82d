#pragma once

#include "actors/cluster/bridge_messages.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace troupe::actors {

/// Which rooms have members on another node and which ids it holds, as its
/// `interest` tells. Knows what was told before, so that each change counts
/// once.
class remote_interest {
public:
  struct changes {
    std::vector<std::string> populated;
    std::vector<std::string> vacated;
    std::vector<held_id> held; ///< Known ones, too: a claim may be another.
    std::vector<std::string> freed;
    size_t refused = 0; ///< Names that are not UTF-8, or no ids or rooms.
  };

  /// @returns what is new; none if a message before this one is missing: ask
  ///          for a snapshot.
  std::optional<changes> read(const interest_update& msg);

private:
  void read_rooms(const interest_update& msg, changes& result);
  void read_ids(const interest_update& msg, changes& result);

  uint64_t last_number_ = 0;
  std::unordered_set<std::string> populated_;
  std::unordered_set<std::string> held_;
};

} // namespace troupe::actors
