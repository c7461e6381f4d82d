#pragma once

#include <ostream> // missing in the next header (Boost 1.81)

#include "troupe/http.hpp"

#include <boost/beast/http/status.hpp>
#include <caf/timespan.hpp>

#include <string>
#include <string_view>

namespace troupe::net {

/// Returns the beginning of a response: the status line, Date and Server.
/// Further header lines and an empty line must follow. Supports statuses that
/// Beast does not know.
std::string begin_reply(boost::beast::http::status status);

/// Returns the beginning of a response of the program.
/// @pre it is valid (`find_fault`).
std::string begin_reply(const response& x);

/// Returns the beginning of a redirect from an unencrypted port to `https`.
/// @param public_url that of the port; may be empty.
std::string begin_redirect(const request& req, std::string_view public_url);

/// Returns the status of a response that `begin_reply` has begun.
unsigned status_of(std::string_view head) noexcept;

/// Returns the header line that makes browsers use TLS for `time` (RFC 6797);
/// empty if it is 0.
std::string strict_transport(caf::timespan time);

/// Returns the header lines for plain text, including one that disables content
/// sniffing.
std::string text_fields(size_t size);

} // namespace troupe::net
