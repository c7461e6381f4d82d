#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace troupe::net {

/// Terms on which a server compresses: each message independently, in both
/// directions (C13).
struct deflate_terms {
  /// The server's window has 2^window_bits bytes, 9 to 15.
  int window_bits = 15;
  /// Whether the client has asked for this size and therefore is told.
  bool is_window_asked_for = false;

  /// Returns the server's response to the offer (RFC 7692 section 7.1).
  std::string answer() const;

  friend bool operator==(const deflate_terms&, const deflate_terms&) = default;
};

/// Returns whether `fields` is a list of extensions (RFC 6455 section 9.1).
/// Elements may be empty. Thread-safe (pure).
/// @param fields all Sec-WebSocket-Extensions fields, joined by commas.
bool is_extension_list(std::string_view fields);

/// Selects the first offer of permessage-deflate that is valid and can be
/// served. An offer of `server_max_window_bits=8` is declined, since zlib
/// cannot compress with such a window. Any `client_max_window_bits` is fine,
/// and the response has none: the server reads messages of every window.
/// Thread-safe (pure).
/// @param fields as for `is_extension_list`.
/// @returns the terms; nothing if there is no such offer.
std::optional<deflate_terms> accept_deflate(std::string_view fields);

} // namespace troupe::net
