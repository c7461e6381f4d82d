#pragma once

#include "net/http/http_checks.hpp"

/// Responses with status 503.
namespace troupe::net::unavailable {

/// Response after a failure; makes load balancers take the server out of
/// service.
inline const refusal failed{boost::beast::http::status::service_unavailable,
                            "a part of this server has failed"};

/// Response of the readiness probe when no new clients shall come.
inline const refusal draining{boost::beast::http::status::service_unavailable,
                              "this server is about to stop"};

inline const refusal too_many_wait{
  boost::beast::http::status::service_unavailable,
  "too many requests wait for this server"};

} // namespace troupe::net::unavailable
