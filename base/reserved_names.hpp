#pragma once

#include "base/utf8.hpp"
#include "troupe/id.hpp"
#include "troupe/recipient.hpp"

#include <string_view>

namespace troupe::base {

/// Whether no connection may have this id (C1, C50). Other nodes accept no text
/// but UTF-8.
inline bool is_reserved(std::string_view name) noexcept {
  return !is_plain_name(name) || !is_utf8(name);
}

/// Whether no room may be called this. An id names its node, which is asked
/// for the connection: a room of that name would never be found.
inline bool is_reserved_room(std::string_view name) noexcept {
  return is_reserved(name) || !node_of(name).empty();
}

} // namespace troupe::base
