#pragma once

#include <chrono>
#include <cstdint>

namespace chat {

/// Returns the server's time in the form that the page uses: milliseconds since
/// 1970, UTC.
inline int64_t server_time() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch())
    .count();
}

} // namespace chat
