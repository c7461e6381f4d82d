#pragma once

#include "troupe/inspect.hpp"

#include <cstdint>
#include <string>

namespace troupe::actors {

/// A connection of some node has this id, one of a program's own.
struct held_id {
  std::string id;
  uint64_t since = 0; ///< Nanoseconds of system time.
  uint64_t lot = 0;   ///< Random; decides between those of one moment.
};

TROUPE_INSPECT(troupe::actors, held_id, x.id, x.since, x.lot)

} // namespace troupe::actors
