#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe::actors {

/// Selects a bounded number of names.
struct name_filter {
  std::string part; ///< What names contain; empty for all.
  size_t most = 0;  ///< Maximum number of names.

  bool matches(std::string_view name) const noexcept {
    return name.find(part) != name.npos;
  }
};

} // namespace troupe::actors
