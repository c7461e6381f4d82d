#pragma once

#include "troupe/log.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace troupe::base {

/// A line in the queue of the log thread.
struct log_line {
  log_line(log_level severity, const log_fields& about, std::string_view what);

  /// Returns how much of the queue's byte limit the line takes.
  size_t size() const noexcept;

  log_level level;
  std::chrono::system_clock::time_point time;
  std::string category;
  std::string connection;
  std::string remote;
  std::string text;
};

/// Returns the text that is passed to a sink.
std::string to_string(const log_line& x, log_format format);

/// Returns the line that is written to standard error, including the line end.
std::string to_output(const log_line& x, log_format format);

} // namespace troupe::base
