#pragma once

#include "base/close_frame.hpp"
#include "net/runtime/socket.hpp"
#include "net/wire/frame_reader.hpp"
#include "troupe/error.hpp"
#include "troupe/log.hpp"

#include <string_view>

/// How a WebSocket connection ends, as its actor is told.
namespace troupe::net::close_reason {

/// A message is larger than allowed.
close_info too_big();

/// The peer breaks the protocol.
close_info broken(close_code code, std::string_view what);

/// A payload is not what it should be, such as UTF-8.
close_info broken_payload(std::string_view what);

/// What the reader found wrong.
close_info of(const frame_reader::failure& x);

/// The peer sent a close frame.
close_info of(const base::close_words& x);

/// Nothing more can be read from a connection that was open.
/// @param why none for the end of the stream.
close_info lost(error_code why);

/// How the log ranks such an end: that clients vanish is common, and ten
/// thousand may at once.
log_level severity(const close_info& x);

} // namespace troupe::net::close_reason
