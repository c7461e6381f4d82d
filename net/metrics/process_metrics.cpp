#include "net/metrics/process_metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>

namespace troupe::net {

namespace {

double seconds(const timeval& x) {
  return static_cast<double>(x.tv_sec) + static_cast<double>(x.tv_usec) / 1e6;
}

double cpu_seconds() {
  rusage x{};
  ::getrusage(RUSAGE_SELF, &x);
  return seconds(x.ru_utime) + seconds(x.ru_stime);
}

/// Returns a number of pages in /proc/self/statm, in bytes.
double memory(int field) {
  std::ifstream in{"/proc/self/statm"};
  double pages = 0;
  for (auto i = 0; i <= field; ++i)
    in >> pages;
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double entries(const char* folder) {
  std::error_code ec;
  std::filesystem::directory_iterator all{folder, ec};
  return ec ? 0 : static_cast<double>(std::distance(all, {}));
}

double max_fds() {
  rlimit x{};
  ::getrlimit(RLIMIT_NOFILE, &x);
  return static_cast<double>(x.rlim_cur);
}

/// Returns the start of the process, from its age in /proc/self/stat (field 22,
/// proc(5)) and the age of the system.
double start_time() {
  std::ifstream in{"/proc/self/stat"};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  // The second field, the name of the program, may contain anything.
  std::istringstream rest{text.substr(text.rfind(')') + 1)};
  std::string ignored;
  for (auto field = 3; field < 22; ++field)
    rest >> ignored;
  double ticks = 0;
  rest >> ticks;
  double uptime = 0;
  std::ifstream{"/proc/uptime"} >> uptime;
  auto age = uptime - ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>{now}.count() - age;
}

} // namespace

void add_process_metrics(exposition& to) {
  to.add_counter("process_cpu_seconds_total",
                 "Processor time of the process, in seconds.", cpu_seconds());
  to.add_gauge("process_resident_memory_bytes",
               "Resident memory of the process, in bytes.", memory(1));
  to.add_gauge("process_virtual_memory_bytes",
               "Virtual memory of the process, in bytes.", memory(0));
  to.add_gauge("process_open_fds", "Open file descriptors.",
               entries("/proc/self/fd"));
  to.add_gauge("process_max_fds", "Maximum number of open file descriptors.",
               max_fds());
  to.add_gauge("process_threads", "Threads of the process.",
               entries("/proc/self/task"));
  to.add_gauge("process_start_time_seconds",
               "Start of the process, in seconds since 1970.", start_time());
}

} // namespace troupe::net
