#pragma once

#include "base/utf8.hpp"
#include "troupe/id.hpp"

#include <cstddef>
#include <string_view>

namespace troupe::actors {

/// Longest id or room name, in bytes.
inline constexpr size_t max_name_size = 255;

/// Names of "everyone" and "everyone but me" in the original: no id and no room
/// may be called so, since ported programs might mean the others (C50).
inline constexpr std::string_view reserved_names[] = {"", ";to;all;except;me;"};

/// Whether no connection may have this id (C1, C50). Other nodes take no other
/// text than UTF-8.
inline bool is_reserved(std::string_view name) noexcept {
  return name == reserved_names[0] || name == reserved_names[1]
         || name.size() > max_name_size || !net::is_utf8(name);
}

/// Whether no room may be called this. An id names its node, which is asked
/// for the connection: a room of that name would never be found.
inline bool is_reserved_room(std::string_view name) noexcept {
  return is_reserved(name) || !node_of(name).empty();
}

} // namespace troupe::actors
