#pragma once

#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <string>

namespace troupe::actors {

/// A connection of some node has this id, one of a program's own.
struct held_id {
  std::string id;
  uint64_t since = 0; ///< Nanoseconds of system time.
  uint64_t lot = 0;   ///< Random; decides between those of one moment.
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, held_id& x) {
  return f(caf::meta::type_name("troupe::actors::held_id"), x.id, x.since,
           x.lot);
}

} // namespace troupe::actors
