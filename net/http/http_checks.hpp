#pragma once

#include "troupe/config.hpp"
#include "troupe/request.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/status.hpp>

#include <optional>
#include <string>
#include <string_view>

/// What a request must fulfil, beyond what Beast's parser checks. Pure.
namespace troupe::net {

using http_request
  = boost::beast::http::request<boost::beast::http::empty_body>;

/// How to refuse a request.
struct refusal {
  boost::beast::http::status status = boost::beast::http::status::bad_request;
  std::string why;              ///< The body: plain text.
  std::string_view fields = {}; ///< Further header lines, each with its end; a
                                ///< literal.
};

/// Finds what is wrong with any request: `head` is what `req` was parsed from.
std::optional<refusal> check_head(const http_request& req,
                                  std::string_view head);

/// Whether a request has a body, which we never read.
bool has_body(const http_request& req);

/// Whether a client asks for WebSocket, rightly or not.
bool wants_websocket(const http_request& req);

/// Finds what is wrong with a client's handshake (RFC 6455 section 4.2.1).
std::optional<refusal> check_handshake(const http_request& req);

/// Applies the settings' rule about Origin (C4).
std::optional<refusal> check_origin(const request& req, const config& cfg);

} // namespace troupe::net
