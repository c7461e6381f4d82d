#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace troupe::growth {

/// CPU and wall time in seconds.
struct spent {
  double cpu = 0;
  double wall = 0;
};

/// What `f` costs this process, all threads together.
spent time_of(const std::function<void()>& f);

/// Waits until the process uses no CPU. A machine that others use may stop it,
/// which looks the same: a part awaits by itself what its cost depends on.
void settle();

/// Measures one part of a subject: runs `f`, waits until all that it caused is
/// done, and prints a line of JSON. Under callgrind the part's instructions are
/// dumped under its name.
/// @param units how many times `f` does what is measured.
void measure(const std::string& part, size_t units,
             const std::function<void()>& f);

/// The same for what is done besides what the part `base` did at the same size:
/// of which the figure is to be subtracted.
void measure_beyond(const std::string& base, const std::string& part,
                    size_t units, const std::function<void()>& f);

/// Prints a part whose figure is not counted in instructions.
void print(const std::string& part, double value);

} // namespace troupe::growth
