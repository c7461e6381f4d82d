#pragma once

#include "troupe/reply.hpp"

#include <cstdint>

namespace troupe::actors {

/// What became of an event: the least favorable result of its handlers.
enum class handled : uint8_t {
  fine,
  unknown, ///< It has no handler.
  unfit,   ///< Its value does not fit a handler.
  failed,  ///< A handler has thrown.
};

/// Returns the outcome of a request that no handler has answered.
inline outcome outcome_of(handled x) {
  switch (x) {
    case handled::fine:
      return to_outcome();
    case handled::unknown:
      return refuse("no_handler");
    case handled::unfit:
      return refuse("invalid");
    case handled::failed:
      break;
  }
  return refuse("failed");
}

} // namespace troupe::actors
