#pragma once

#include "measure.hpp"
#include "options.hpp"

namespace troupe::bench {

/// Opens silent connections and measures the server's memory for each.
[[nodiscard]] report run_idle(const options& opts);

/// Measures how fast the server upgrades connections.
[[nodiscard]] report run_connect(const options& opts);

/// Measures the server's cost of ending many connections at once.
[[nodiscard]] report run_leave(const options& opts);

} // namespace troupe::bench
