#pragma once

#include "base/close_frame.hpp"
#include "net/runtime/socket.hpp"
#include "net/wire/frame_reader.hpp"
#include "troupe/error.hpp"
#include "troupe/log.hpp"

#include <string>
#include <string_view>

/// Functions that describe the end of a WebSocket connection for its actor.
namespace troupe::net::close_reason {

/// Returns the reason for a message that is too large.
close_info too_big();

/// Returns the reason for a client that exceeds a rate.
close_info too_fast(std::string_view what);

/// Returns the reason for a client that sends no message in time.
close_info too_quiet();

/// Returns the reason for a client that reads too slowly.
close_info too_slow();

/// Returns the reason for a peer that does not respond in time.
close_info timed_out(errc limit);

/// Returns the reason for a violation of the protocol by the peer.
close_info broken(close_code code, std::string_view what);

/// Returns the reason for an invalid payload, such as text that is not UTF-8.
close_info broken_payload(std::string_view what);

/// Returns the reason for a failure of the reader.
close_info of(const frame_reader::failure& x);

/// Returns the reason for a close frame of the peer.
close_info of(const base::close_words& x);

/// Returns the reason for the loss of an open connection.
/// @param why none if the stream ended.
close_info lost(error_code why);

/// Returns the log level for an end. Lost connections are common and can come
/// in thousands, so their level is low.
log_level severity(const close_info& x);

/// Logs the end of the connection with `remote`.
void tell(const std::string& remote, const close_info& x);

} // namespace troupe::net::close_reason
