#pragma once

#include <ostream> // missing in the next header (Boost 1.81)

#include "net/http/file_part.hpp"
#include "troupe/frame.hpp"
#include "troupe/http.hpp"

#include <boost/beast/http/status.hpp>
#include <caf/timespan.hpp>

#include <cstddef>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::net {

/// A response, but for the header lines of the connection.
struct reply {
  std::string head; ///< Without the empty line at its end.
  slice body = {};
  std::optional<file_part> file = {}; ///< In place of `body`.

  /// Returns the number of bytes of all parts.
  size_t size() const noexcept {
    return head.size() + body.bytes.size() + (file ? file->left() : 0);
  }

  /// Makes this a response to HEAD.
  void drop_body() noexcept {
    body = {};
    file.reset();
  }
};

/// Formats a date according to RFC 9110 section 5.6.7, independently of the
/// locale.
std::string format_date(std::time_t x);

/// Returns the beginning of a response: the status line, Date and Server.
/// Further header lines and an empty line must follow. Supports statuses that
/// Beast does not know.
std::string begin_reply(boost::beast::http::status status);

/// Returns a response of the program. One with status 204 or 304 has no body.
/// @pre it is valid (`find_fault`).
reply make_reply(response x);

/// Returns the beginning of a redirect from an unencrypted port to `https`.
/// @param public_url that of the port; may be empty if `req` has a host.
std::string begin_redirect(const request& req, std::string_view public_url);

/// Returns the status of a response that `begin_reply` has begun.
unsigned status_of(std::string_view head) noexcept;

/// Returns the header line that tells whether the connection continues; empty
/// if that is the default.
/// @param version of the request: 10 or 11.
std::string_view connection_fields(unsigned version, bool continues);

/// Returns the header line that makes browsers use TLS for `time` (RFC 6797);
/// empty if it is 0.
std::string strict_transport(caf::timespan time);

/// Returns the header lines for plain text, including one that disables content
/// sniffing.
std::string text_fields(size_t size);

} // namespace troupe::net
