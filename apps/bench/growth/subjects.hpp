#pragma once

#include <cstddef>

/// What troupe-growth measures: each function does at size `n` what its parts
/// say, and prints them.

namespace troupe::growth {

/// An actor joins `n` rooms, then dies.
void actor_member(size_t n);

} // namespace troupe::growth
