#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::net {

/// Returns the name of a peer in connections and the log: `ADDRESS PORT`.
std::string peer_name(std::string address, uint16_t port);

/// Logs an error of a peer that has not been accepted yet. The number of lines
/// is limited, since a hostile peer must not fill the log.
/// @param category as in log_fields.
void log_peer(std::string_view category, std::string_view remote,
              std::string_view what);

} // namespace troupe::net
