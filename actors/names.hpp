#pragma once

#include "troupe/connection.hpp"
#include "troupe/error.hpp"

#include <string>
#include <string_view>

namespace troupe::actors {

/// Longest id or room name, in bytes.
inline constexpr size_t max_name_size = 255;

/// Whether ids and rooms may not be called this (C1, C50).
inline bool is_reserved(std::string_view name) noexcept {
  return name == all || name == broadcast || name.size() > max_name_size;
}

} // namespace troupe::actors
