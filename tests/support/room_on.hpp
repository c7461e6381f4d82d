#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace troupe::test {

/// Returns the name of a room that lives on thread `index` of `threads`.
inline std::string room_on(size_t index, size_t threads) {
  std::string res = "lobby";
  while (std::hash<std::string>{}(res) % threads != index)
    res += '+';
  return res;
}

} // namespace troupe::test
