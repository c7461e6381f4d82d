#pragma once

#include "net/http/http_checks.hpp"
#include "net/http/http_reply.hpp"
#include "troupe/config.hpp"
#include "troupe/request.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Handling of requests for WebSocket endpoints, for both ways in which a
/// request is read: by an http_session or by the program.
namespace troupe::net {

/// Checks a request whose head is valid: whether it is a handshake and the
/// settings allow it.
/// @param has_more whether the client has sent bytes after the head.
/// @param public_url see `check_origin`.
/// @returns the reason for refusal, or nothing.
std::optional<refusal>
check_upgrade(const http_request& head, const request& req, const config& cfg,
              bool has_more, std::string_view public_url = {});

/// Logs a refusal, unless the client filter has, and passes it to
/// `config::on_handshake_error`, which may change it (C3).
void tell_refusal(const request& req, const config& cfg, refusal& why);

/// The result of a valid handshake (RFC 6455 section 4.2.2).
struct acceptance {
  std::string reply;       ///< The complete response.
  std::string subprotocol; ///< First supported one that the client offers
                           ///< (C14); may be empty.
  int window_bits = 0;     ///< See `ws_session::open`.
};

/// Checks the decision of the program about a handshake.
/// @returns the reason for refusal, or nothing.
std::optional<refusal> check_verdict(const http_request& head,
                                     const verdict& x);

/// Accepts a handshake.
/// @param added what the program adds to the response.
/// @pre `check_upgrade` and `check_verdict` have returned nothing.
acceptance accept(const http_request& head, const config& cfg,
                  const handshake_reply& added = {});

/// Returns the response without further header lines, the empty line and the
/// body.
std::string begin_reply(const refusal& why);

/// Returns the response.
reply make_reply(const refusal& why);

} // namespace troupe::net
