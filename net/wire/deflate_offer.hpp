#pragma once

#include <string_view>

namespace troupe::net {

/// The server's response to an accepted offer: messages are compressed
/// independently in both directions (C13).
constexpr std::string_view deflate_answer
  = "permessage-deflate; server_no_context_takeover; "
    "client_no_context_takeover";

/// Returns whether a client offers permessage-deflate in a form that
/// `deflate_answer` satisfies (RFC 7692 section 7.1): valid, and without a
/// limit of the server's window below 2^15 bytes, since compressed messages are
/// shared by all clients. Thread-safe (pure).
/// @param offers all Sec-WebSocket-Extensions fields, joined by commas.
bool offers_deflate(std::string_view offers);

} // namespace troupe::net
