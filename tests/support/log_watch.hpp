#pragma once

#include "troupe/log.hpp"

#include <caf/test/dsl.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::test {

/// Records the lines of the log, without quotas.
class log_watch {
public:
  ~log_watch() {
    set_log_sink({});
    set_log_config({});
  }

  /// Records lines from now on.
  void watch_log() {
    log_config all;
    all.quota = 0;
    set_log_config(all);
    set_log_sink([out = log_](log_level, std::string_view line) {
      std::lock_guard guard{out->mutex};
      out->lines.emplace_back(line);
    });
  }

  /// Returns the number of recorded lines that contain `what`.
  size_t count_logged(std::string_view what) {
    CAF_REQUIRE(flush_log(std::chrono::seconds{30}));
    std::lock_guard guard{log_->mutex};
    auto says_so = [&](const std::string& x) {
      return x.find(what) != std::string::npos;
    };
    return static_cast<size_t>(
      std::count_if(log_->lines.begin(), log_->lines.end(), says_so));
  }

  /// Returns whether a recorded line contains `what`.
  bool was_logged(std::string_view what) {
    return count_logged(what) > 0;
  }

private:
  struct log_lines {
    std::mutex mutex;
    std::vector<std::string> lines;
  };

  std::shared_ptr<log_lines> log_ = std::make_shared<log_lines>();
};

} // namespace troupe::test
