#pragma once

#include <string_view>

namespace troupe::net {

/// What a server answers that takes an offer: compressed messages stand each on
/// its own, both ways (C13).
constexpr std::string_view deflate_answer
  = "permessage-deflate; server_no_context_takeover; "
    "client_no_context_takeover";

/// Whether one of the extensions that a client offers is permessage-deflate in
/// a form that `deflate_answer` serves (RFC 7692 section 7.1): valid, and with
/// no window for the server that is smaller than 2^15 bytes, since all clients
/// share what is compressed. Thread-safe (pure).
/// @param offers all Sec-WebSocket-Extensions fields, joined by commas.
bool offers_deflate(std::string_view offers);

} // namespace troupe::net
