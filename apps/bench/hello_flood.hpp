#pragma once

#include "measure.hpp"
#include "options.hpp"

namespace troupe::bench {

/// Keeps a server busy with handshakes of TLS: clients that send their first
/// message, await the answer or the end of the handshake, and vanish.
[[nodiscard]] report run_hellos(const options& opts);

} // namespace troupe::bench
