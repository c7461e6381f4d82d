#pragma once

#include "measure.hpp"

#include <cstdint>
#include <string_view>

namespace troupe::bench {

/// Shows the progress on a terminal in one line on stderr, which is
/// overwritten. Prints nothing if stderr is a file.
class progress {
public:
  progress();
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;
  ~progress();

  /// @param count total so far; never decreases.
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
