#pragma once

#include "measure.hpp"

#include <cstdint>
#include <string_view>

namespace troupe::bench {

/// Shows a person at a terminal what goes on: one line on stderr, rewritten.
/// Says nothing if stderr is a file.
class progress {
public:
  progress();
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;
  ~progress();

  /// @param count  of what was done so far; never falls.
  void show(clock::time_point now, std::string_view phase,
            std::uint64_t count) {
    if (is_terminal_ && now >= next_)
      draw(now, phase, count);
  }

private:
  void draw(clock::time_point now, std::string_view phase, std::uint64_t count);

  bool is_terminal_;
  clock::time_point next_;
  clock::time_point last_;
  std::uint64_t last_count_ = 0;
};

} // namespace troupe::bench
