#pragma once

#include "net/http/http_checks.hpp"
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

/// Logs a refusal and passes it to `config::on_handshake_error`, which may
/// change it (C3).
void tell_refusal(const request& req, const config& cfg, refusal& why);

/// The result of a valid handshake (RFC 6455 section 4.2.2).
struct acceptance {
  std::string reply;       ///< The complete response.
  std::string subprotocol; ///< First supported one that the client offers
                           ///< (C14); may be empty.
  bool deflates = false;   ///< Whether compression is agreed on.
};

/// Accepts a handshake.
/// @pre `check_upgrade` has returned nothing.
acceptance accept(const http_request& head, const config& cfg);

/// Returns the response without further header lines, the empty line and the
/// body.
std::string begin_reply(const refusal& why);

} // namespace troupe::net
