#pragma once

#include "actors/cluster/bridge_messages.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace troupe::actors {

/// The rooms with members on another node and the own ids that it holds, as
/// reported by its `interest`. Keeps what was reported, in order to find the
/// changes in an update.
class remote_interest {
public:
  struct changes {
    std::vector<std::string> populated;
    std::vector<std::string> vacated;
    std::vector<held_id> held; ///< Known ids, too: the claim may be new.
    std::vector<std::string> freed;
    size_t refused = 0; ///< Number of names that are not valid.
  };

  /// Reads an update.
  /// @returns the changes; none if an earlier update is missing, in which case
  ///          the caller has to request a snapshot.
  std::optional<changes> read(const interest_update& msg);

private:
  void read_rooms(const interest_update& msg, changes& result);
  void read_ids(const interest_update& msg, changes& result);

  uint64_t last_number_ = 0;
  std::unordered_set<std::string> populated_;
  std::unordered_set<std::string> held_;
};

} // namespace troupe::actors
