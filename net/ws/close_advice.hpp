#pragma once

#include "troupe/error.hpp"
#include "troupe/frame.hpp"

namespace troupe::net {

/// Returns the advice that a client of protocol version 2 gets before a close
/// frame: whether and when to connect again. Like a control frame, it is never
/// dropped from a queue.
/// @param binary  see `config::binary_messages`.
slice close_advice(const close_info& how, bool binary);

} // namespace troupe::net
