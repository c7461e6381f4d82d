#pragma once

#include "troupe/cors.hpp"
#include "troupe/request.hpp"

#include <caf/error.hpp>

#include <string>
#include <string_view>

/// Requests from pages of other origins (CORS). Pure functions.
namespace troupe::net {

/// @returns none, or errc::invalid_config.
caf::error check_cors(const cors& x);

/// Returns whether pages of `origin` may use a route.
bool allows(const cors& x, std::string_view origin);

/// Returns the header lines of a response to `req`.
std::string cross_origin_fields(const cors& x, const request& req);

/// Returns the header lines of the response to `req`, a preflight request for a
/// method that the route has.
std::string preflight_fields(const cors& x, const request& req);

} // namespace troupe::net
