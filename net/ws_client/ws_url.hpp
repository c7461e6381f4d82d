#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <caf/expected.hpp>

namespace troupe::net {

/// The parts of a WebSocket URL (RFC 6455 section 3).
struct ws_url {
  bool is_secure = false; ///< Scheme `wss`.
  std::string host;       ///< A name or an address, without brackets.
  uint16_t port = 0;
  std::string authority; ///< As in the Host field.
  std::string target;    ///< Path and query.
};

/// Parses a WebSocket URL.
/// @returns the parts; errc::invalid_config with the cause if `text` is no URL,
///          has another scheme, no host, a user or a fragment.
caf::expected<ws_url> parse_ws_url(std::string_view text);

} // namespace troupe::net
