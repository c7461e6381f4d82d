#pragma once

#include "troupe/config.hpp"
#include "troupe/request.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/status.hpp>

#include <optional>
#include <string>
#include <string_view>

/// Checks of requests beyond those of Beast's parser. Pure functions.
namespace troupe::net {

using http_request
  = boost::beast::http::request<boost::beast::http::empty_body>;

/// How a request is refused.
struct refusal {
  boost::beast::http::status status = boost::beast::http::status::bad_request;
  std::string why; ///< The body of the response: plain text.
  /// Further header lines with line ends; has static storage.
  std::string_view fields = {};
};

/// Checks any request. `req` was parsed from `head`.
/// @returns the reason for refusal, or nothing.
std::optional<refusal> check_head(const http_request& req,
                                  std::string_view head);

/// Returns whether the request has a body. Bodies are never read.
bool has_body(const http_request& req);

/// Returns whether the client asks for an upgrade to WebSocket, validly or not.
bool wants_websocket(const http_request& req);

/// Checks a client's handshake (RFC 6455 section 4.2.1).
/// @returns the reason for refusal, or nothing.
std::optional<refusal> check_handshake(const http_request& req);

/// Checks the Origin of a handshake according to the settings (C4).
/// @param public_url the same origin; if empty, Host names it.
/// @returns the reason for refusal, or nothing.
std::optional<refusal> check_origin(const request& req, const config& cfg,
                                    std::string_view public_url = {});

} // namespace troupe::net
