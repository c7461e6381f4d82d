#pragma once

#include <chrono>
#include <cstdint>

namespace chat {

/// The server's time as the page wants it: milliseconds since 1970, UTC.
inline int64_t server_time() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch())
    .count();
}

} // namespace chat
