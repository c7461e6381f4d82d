#include "base/timestamp.hpp"

#include <spdlog/pattern_formatter.h>

namespace troupe::base {

namespace {

std::string format(std::chrono::system_clock::time_point x, const char* pattern,
                   spdlog::pattern_time_type zone) {
  spdlog::pattern_formatter formatter{pattern, zone, ""};
  spdlog::memory_buf_t buffer;
  spdlog::details::log_msg msg{x, {}, "", spdlog::level::info, ""};
  formatter.format(msg, buffer);
  return {buffer.data(), buffer.size()};
}

} // namespace

std::string utc_timestamp(std::chrono::system_clock::time_point x) {
  return format(x, "%Y-%m-%dT%H:%M:%S.%eZ", spdlog::pattern_time_type::utc);
}

std::string local_timestamp(std::chrono::system_clock::time_point x) {
  return format(x, "%Y-%m-%dT%H:%M:%S.%e", spdlog::pattern_time_type::local);
}

} // namespace troupe::base
