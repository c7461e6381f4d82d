#pragma once

#include "troupe/log.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace troupe::base {

/// A line on its way to the log's thread.
struct log_line {
  log_line(log_level severity, const log_fields& about, std::string_view text);

  /// What it takes of the queue's bytes.
  size_t size() const noexcept;

  log_level level;
  std::chrono::system_clock::time_point time;
  std::string category;
  std::string connection;
  std::string remote;
  std::string text;
};

/// What a sink is given.
std::string to_string(const log_line& x, log_format format);

/// What is written, with the end of the line.
std::string to_output(const log_line& x, log_format format);

} // namespace troupe::base
