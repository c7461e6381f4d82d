#pragma once

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace troupe::bench {

using clock = std::chrono::steady_clock;

[[nodiscard]] inline double seconds_between(clock::time_point begin,
                                            clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

/// Returns the time point `seconds` from now.
[[nodiscard]] inline clock::time_point in(double seconds) {
  return clock::now()
         + std::chrono::duration_cast<clock::duration>(
           std::chrono::duration<double>{seconds});
}

/// CPU times at one moment.
struct usage {
  clock::time_point time;
  double machine_cpu;               ///< Seconds of all processes.
  double load_cpu;                  ///< Seconds of this process.
  std::optional<double> server_cpu; ///< Seconds, if the process is known.
};

/// Reads the CPU times of this process and, if given, of the server; of both
/// servers together if there are two nodes.
[[nodiscard]] usage measure_usage(std::optional<pid_t> server,
                                  std::optional<pid_t> second = {});

/// Memory of a process in bytes.
struct memory {
  double rss; ///< VmRSS of /proc/PID/status.
  double pss; ///< Pss of /proc/PID/smaps_rollup.
};

[[nodiscard]] memory measure_memory(pid_t server);

/// Returns the number of open files of a process, including sockets.
[[nodiscard]] std::size_t count_files(pid_t server);

/// Collects named values and prints them in a format for programs and one for
/// people.
class report {
public:
  /// @param settings the settings of the run, one value per option.
  report(std::string_view workload, nlohmann::ordered_json settings);

  /// Adds a value, rounded to four significant digits below 1000.
  void add(std::string_view name, double value);

  /// Adds duration, rate and CPU time of `count` units of work done from
  /// `begin` to `end`.
  void add_work(std::string_view unit, std::uint64_t count, const usage& begin,
                const usage& end);

  /// Adds the CPU time of `count` units of work done from `begin` to `end`.
  void add_cpu(std::uint64_t count, const usage& begin, const usage& end);

  /// Prints one line of JSON to stdout and one line of `name value` pairs to
  /// stderr.
  void print() const;

private:
  nlohmann::ordered_json json_;
  std::string human_;
};

} // namespace troupe::bench
