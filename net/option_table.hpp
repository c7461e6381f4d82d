#pragma once

#include "troupe/runtime.hpp"

#include <caf/config_option_set.hpp>

namespace troupe::net {

/// Adds all options of a program, which set the members of `cfg`.
/// @pre `cfg` outlives `all`.
void add_options(caf::config_option_set& all, runtime_config& cfg);

} // namespace troupe::net
