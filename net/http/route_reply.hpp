#pragma once

#include "net/http/body_reader.hpp"
#include "net/http/http_checks.hpp"
#include "net/http/http_reply.hpp"
#include "net/http/routes.hpp"
#include "troupe/http.hpp"
#include "troupe/listener_config.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// Responses to requests for a route that are not handshakes.
namespace troupe::net {

/// Checks whether `to` accepts a request whose head is valid.
/// @returns the reason for refusal, or nothing.
std::optional<refusal> check_route(const route& to, const http_request& head,
                                   const request& req,
                                   const listener_config& cfg);

/// Returns the header lines of all responses to a request, for pages of other
/// origins; for OPTIONS, those of the method that will follow.
std::string cross_origin_fields(const route& to, const request& req);

/// Returns how the body of a request is refused; nothing if it is complete.
std::optional<refusal> check_body(body_state state);

/// Responds to a request without the program: to OPTIONS, or with a page or a
/// file.
/// @param owner  of `to`.
reply respond(const route& to, const request& req,
              std::shared_ptr<const void> owner);

/// Responds to an unencrypted request on a TLS port. Clients do not follow
/// redirects of handshakes. A request without a host leads nowhere.
reply redirect_to_tls(const http_request& head, const request& req,
                      std::string_view public_url);

/// Responds to `OPTIONS *`, with the methods that routes may have.
reply tell_methods();

/// Calls a handler of the program.
/// @returns the response if the handler has thrown an exception.
std::optional<response> call(const http_handler& f, const request& req,
                             http_responder to);

} // namespace troupe::net
