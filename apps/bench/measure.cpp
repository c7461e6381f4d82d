#include "measure.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <unistd.h>

namespace troupe::bench {

namespace {

/// Returns the CPU time of all threads, including terminated ones. Same as the
/// sum of utime and stime in /proc/PID/stat, but in nanoseconds instead of
/// ticks of 10 ms.
double cpu_seconds(pid_t pid) {
  clockid_t id;
  timespec used;
  if (clock_getcpuclockid(pid, &id) != 0 || clock_gettime(id, &used) != 0)
    throw std::runtime_error{"no process " + std::to_string(pid)};
  return static_cast<double>(used.tv_sec)
         + static_cast<double>(used.tv_nsec) / 1e9;
}

/// Reads `Key:  123 kB` from a file of /proc, in bytes.
double read_kilobytes(const std::string& path, std::string_view key) {
  std::ifstream in{path};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key))
      return std::stod(line.substr(key.size())) * 1024;
  throw std::runtime_error{"no " + std::string{key} + " in " + path};
}

/// Returns the sum of the first line of /proc/stat without idle times.
double machine_cpu_seconds() {
  std::ifstream in{"/proc/stat"};
  std::string label;
  double user, nice, system, idle, io_wait, irq, soft_irq, steal;
  in >> label >> user >> nice >> system >> idle >> io_wait >> irq >> soft_irq
    >> steal;
  return (user + nice + system + irq + soft_irq + steal)
         / static_cast<double>(sysconf(_SC_CLK_TCK));
}

/// Rounds to four significant digits below 1000, and to integers above.
double rounded(double value) {
  auto size = std::abs(value);
  if (size == 0 || size >= 1000)
    return std::round(value);
  auto unit = std::pow(10, 3 - std::floor(std::log10(size)));
  return std::round(value * unit) / unit;
}

} // namespace

usage measure_usage(std::optional<pid_t> server, std::optional<pid_t> second) {
  usage result{clock::now(), machine_cpu_seconds(), cpu_seconds(getpid()), {}};
  if (server)
    result.server_cpu = cpu_seconds(*server)
                        + (second ? cpu_seconds(*second) : 0);
  return result;
}

memory measure_memory(pid_t server) {
  auto folder = "/proc/" + std::to_string(server);
  return {read_kilobytes(folder + "/status", "VmRSS:"),
          read_kilobytes(folder + "/smaps_rollup", "Pss:")};
}

std::size_t count_files(pid_t server) {
  auto folder = "/proc/" + std::to_string(server) + "/fd";
  std::filesystem::directory_iterator files{folder};
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

report::report(std::string_view workload, nlohmann::ordered_json settings)
  : json_{{"workload", workload}, {"settings", std::move(settings)}},
    human_{workload} {
}

void report::add(std::string_view name, double value) {
  nlohmann::ordered_json figure = rounded(value);
  if (auto whole = static_cast<std::int64_t>(rounded(value));
      static_cast<double>(whole) == rounded(value))
    figure = whole;
  human_.append("  ").append(name).append(" ").append(figure.dump());
  json_[std::string{name}] = std::move(figure);
}

void report::add_work(std::string_view unit, std::uint64_t count,
                      const usage& begin, const usage& end) {
  auto seconds = seconds_between(begin.time, end.time);
  auto n = static_cast<double>(count);
  add(unit, n);
  add("seconds", seconds);
  add("rate", n / seconds);
  add_cpu(count, begin, end);
}

void report::add_cpu(std::uint64_t count, const usage& begin,
                     const usage& end) {
  auto seconds = seconds_between(begin.time, end.time);
  auto load = end.load_cpu - begin.load_cpu;
  add("load_cpu_share", load / seconds);
  if (!begin.server_cpu || !end.server_cpu)
    return;
  auto server = *end.server_cpu - *begin.server_cpu;
  auto others = end.machine_cpu - begin.machine_cpu - load - server;
  add("server_cpu_share", server / seconds);
  add("other_cpu_share", std::max(others, 0.) / seconds);
  if (count > 0)
    add("server_cpu_us", server * 1e6 / static_cast<double>(count));
}

void report::print() const {
  std::cout << json_.dump() << std::endl;
  std::cerr << human_ << std::endl;
}

} // namespace troupe::bench
