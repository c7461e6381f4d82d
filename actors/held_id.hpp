#pragma once

#include "troupe/inspect.hpp"

#include <cstdint>
#include <string>

namespace troupe::actors {

/// A node's claim that one of its connections has an own id, that is, one that
/// does not name its node.
struct held_id {
  std::string id;
  uint64_t since = 0; ///< Nanoseconds of system time.
  uint64_t lot = 0;   ///< Random; decides between claims of the same time.
};

TROUPE_INSPECT(troupe::actors, held_id, x.id, x.since, x.lot)

} // namespace troupe::actors
