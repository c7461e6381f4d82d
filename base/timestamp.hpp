#pragma once

#include <chrono>
#include <string>

namespace troupe::base {

/// Returns `2026-11-28T22:05:56.123Z`.
std::string utc_timestamp(std::chrono::system_clock::time_point x);

/// Returns `2026-11-28T22:05:56.123` in local time.
std::string local_timestamp(std::chrono::system_clock::time_point x);

} // namespace troupe::base
