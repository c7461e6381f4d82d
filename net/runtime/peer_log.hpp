#pragma once

#include <string_view>

namespace troupe::net {

/// Logs what a peer did wrong before it was let in; a hostile one must not fill
/// the log.
/// @param category as in log_fields.
void log_peer(std::string_view category, std::string_view remote,
              std::string_view what);

} // namespace troupe::net
