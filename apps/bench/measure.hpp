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

/// The moment `seconds` from now.
[[nodiscard]] inline clock::time_point in(double seconds) {
  return clock::now()
         + std::chrono::duration_cast<clock::duration>(
           std::chrono::duration<double>{seconds});
}

/// What had been used up at one moment.
struct usage {
  clock::time_point time;
  double machine_cpu;               ///< Seconds of all processes together.
  double load_cpu;                  ///< Seconds of this process.
  std::optional<double> server_cpu; ///< Seconds, if its process is known.
};

/// Reads the clocks of this process and, if given, of the server, or of both
/// together if it is on two nodes.
[[nodiscard]] usage measure_usage(std::optional<pid_t> server,
                                  std::optional<pid_t> second = {});

/// Memory of a process in bytes.
struct memory {
  double rss; ///< VmRSS of /proc/PID/status.
  double pss; ///< Pss of /proc/PID/smaps_rollup.
};

[[nodiscard]] memory measure_memory(pid_t server);

/// How many files a process has open, sockets among them.
[[nodiscard]] std::size_t count_files(pid_t server);

/// Collects named figures and prints them for programs and for people.
class report {
public:
  /// @param settings  what was asked for; one value per option.
  report(std::string_view workload, nlohmann::ordered_json settings);

  /// Adds a figure, to four significant digits below 1000.
  void add(std::string_view name, double value);

  /// Adds seconds, rate and CPU of `count` units of work done from `begin`
  /// to `end`.
  void add_work(std::string_view unit, std::uint64_t count, const usage& begin,
                const usage& end);

  /// Adds the CPU of `count` units of work done from `begin` to `end`.
  void add_cpu(std::uint64_t count, const usage& begin, const usage& end);

  /// One JSON line on stdout, one line of `name value` pairs on stderr.
  void print() const;

private:
  nlohmann::ordered_json json_;
  std::string human_;
};

} // namespace troupe::bench
