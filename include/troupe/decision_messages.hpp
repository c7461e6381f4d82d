#pragma once

#include "troupe/decision.hpp"
#include "troupe/request.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <nlohmann/json.hpp>

/// @file
///
/// Messages by which a program passes decisions to an actor of its own, in the
/// same process only. The actor answers by calling the decision.

namespace troupe::msg {

/// Asks an actor whether a client may connect. Sent by `config::authorize` of
/// the program: `caf::anon_send(who, msg::authorize{req, decision})`.
struct authorize {
  troupe::request request;
  troupe::decision decision;
};

/// Asks an actor about the credentials of a client. Sent by
/// `config::authenticate` of the program:
/// `caf::anon_send(who, msg::authenticate{req, auth, decision})`.
struct authenticate {
  troupe::request request;
  nlohmann::json auth;
  troupe::decision decision;
};

} // namespace troupe::msg

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::msg::authorize)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::msg::authenticate)
