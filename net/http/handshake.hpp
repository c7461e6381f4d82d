#pragma once

#include "net/http/http_checks.hpp"
#include "troupe/config.hpp"
#include "troupe/request.hpp"

#include <optional>
#include <string>

/// What becomes of a request for a WebSocket endpoint, whoever has read it.
namespace troupe::net {

/// Finds what is wrong with a request whose head is fine: it is no handshake,
/// or none that the settings allow.
/// @param has_more whether the client has sent bytes beyond the head.
std::optional<refusal> check_upgrade(const http_request& head,
                                     const request& req, const config& cfg,
                                     bool has_more);

/// Logs a refusal and lets the settings' handler change it (C3).
void tell_refusal(const request& req, const config& cfg, refusal& why);

/// What a handshake that is fine leads to (RFC 6455 section 4.2.2).
struct acceptance {
  std::string reply;       ///< The whole of it.
  std::string subprotocol; ///< The first of the server's that the client
                           ///< offers, too (C14); empty if there is none.
  bool deflates = false;   ///< Compression is agreed on.
};

/// @pre `check_upgrade` finds nothing wrong.
acceptance accept(const http_request& head, const config& cfg);

/// A reply without the end of its head and the body.
std::string begin_reply(const refusal& why);

} // namespace troupe::net
