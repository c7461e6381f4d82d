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

/// Measures what `f` costs this process, all threads included.
spent time_of(const std::function<void()>& f);

/// Waits until the process uses no CPU. The process may also appear idle
/// because a busy machine does not run it; therefore a part itself waits for
/// everything its cost depends on.
void settle();

/// Measures one part of a subject: runs `f`, waits until everything caused by
/// it is done, and prints a line of JSON. Under callgrind, the instructions of
/// the part are dumped under its name.
/// @param units number of measured operations in `f`.
void measure(const std::string& part, size_t units,
             const std::function<void()>& f);

/// Same as `measure` for a part that also does what the part `base` does at the
/// same size. The line names `base`, whose cost is to be subtracted.
void measure_beyond(const std::string& base, const std::string& part,
                    size_t units, const std::function<void()>& f);

/// Prints a part whose value is not a number of instructions.
void print(const std::string& part, double value);

} // namespace troupe::growth
