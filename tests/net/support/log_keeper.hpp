#pragma once

#include "troupe/log.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::test {

/// Records the lines that are logged during its lifetime.
struct log_keeper {
  std::mutex mutex;
  std::vector<std::string> lines;

  log_keeper() {
    set_log_sink([this](log_level, std::string_view line) {
      std::unique_lock guard{mutex};
      lines.emplace_back(line);
    });
  }

  ~log_keeper() {
    set_log_sink(nullptr);
  }

  bool has(std::string_view text) {
    flush_log(std::chrono::seconds{30});
    std::unique_lock guard{mutex};
    return std::any_of(lines.begin(), lines.end(), [=](const auto& x) {
      return x.find(text) != std::string::npos;
    });
  }
};

} // namespace troupe::test
