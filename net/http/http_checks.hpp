#pragma once

#include "net/runtime/thread_counters.hpp"
#include "troupe/config.hpp"
#include "troupe/request.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/system/error_code.hpp>

#include <cstdint>
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
  std::string why;         ///< The body of the response: plain text.
  std::string fields = {}; ///< Further header lines with line ends.
  handshake_result cause = handshake_result::invalid; ///< For the counters.
  bool is_logged = false; ///< The client filter has handled the log line.
};

/// Refusals that are not the client's fault.
namespace refusals {

/// A part of the server has failed; makes load balancers take the server out of
/// service.
extern const refusal failed;

extern const refusal too_many_wait;

} // namespace refusals

/// Returns the values of all fields `name`, joined by commas, since a list may
/// be split into several fields (RFC 9110 section 5.3).
std::string join_fields(const http_request& req,
                        boost::beast::http::field name);

/// Changes the version of a request to 1.1 if it is a later version of HTTP/1,
/// which an older recipient handles as its own (RFC 9110 section 2.5).
/// @param input bytes that begin with a request line.
/// @returns whether the version was later.
bool lower_version(std::string& input);

/// Returns how bytes are refused that are not a request.
/// @param why the error of Beast's parser.
refusal refusal_for(boost::system::error_code why);

/// Checks any request. `req` was parsed from `head`.
/// @returns the reason for refusal, or nothing.
std::optional<refusal> check_head(const http_request& req,
                                  std::string_view head);

/// Returns the size of the body as the client declares it; nothing if the body
/// is chunked.
/// @pre `check_head` has returned nothing.
std::optional<uint64_t> body_size(const http_request& req);

/// Returns whether the request has a body.
bool has_body(const http_request& req);

/// Returns whether the client waits for an interim response before it sends the
/// body (RFC 9110 section 10.1.1).
bool expects_continue(const http_request& req);

/// Returns whether the client asks for an upgrade to WebSocket, validly or not.
bool wants_websocket(const http_request& req);

/// Checks a client's handshake (RFC 6455 section 4.2.1).
/// @returns the reason for refusal, or nothing.
std::optional<refusal> check_handshake(const http_request& req);

/// Returns whether the page that sends the request is one of this server.
/// @param public_url the same origin; if empty, `request::host` names it.
bool is_same_origin(const request& req, std::string_view public_url);

/// Checks the Origin of a handshake according to the settings (C4).
/// @param public_url the same origin; if empty, `request::host` names it.
/// @returns the reason for refusal, or nothing.
std::optional<refusal> check_origin(const request& req, const config& cfg,
                                    std::string_view public_url = {});

} // namespace troupe::net
