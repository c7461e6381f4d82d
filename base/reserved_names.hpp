#pragma once

#include "troupe/frame.hpp"
#include "troupe/id.hpp"
#include "troupe/recipient.hpp"

#include <string_view>

namespace troupe::base {

/// Returns whether `name` is not allowed as the id of a connection (C1, C50).
/// Names must be UTF-8, since other nodes reject anything else.
inline bool is_reserved(std::string_view name) noexcept {
  return !is_plain_name(name) || !is_utf8(name);
}

/// Returns whether `name` is not allowed as the name of a room. This includes
/// ids that contain a node name: messages to such a name are sent to the
/// connection on that node and never reach a room.
inline bool is_reserved_room(std::string_view name) noexcept {
  return is_reserved(name) || !node_of(name).empty();
}

} // namespace troupe::base
