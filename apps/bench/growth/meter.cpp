#include "meter.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <ctime>
#include <iostream>
#include <thread>

#if __has_include(<valgrind/callgrind.h>)
#  include <valgrind/callgrind.h>
#else
#  define CALLGRIND_START_INSTRUMENTATION
#  define CALLGRIND_STOP_INSTRUMENTATION
#  define CALLGRIND_DUMP_STATS_AT(name) static_cast<void>(name)
#endif

namespace troupe::growth {

namespace {

using clock = std::chrono::steady_clock;

double cpu_time() {
  timespec x{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &x);
  return static_cast<double>(x.tv_sec) + static_cast<double>(x.tv_nsec) * 1e-9;
}

void print_line(const nlohmann::ordered_json& x) {
  std::cout << x.dump() << std::endl;
}

nlohmann::ordered_json line_of(const std::string& part, size_t units,
                               const std::function<void()>& f) {
  settle();
  CALLGRIND_START_INSTRUMENTATION;
  auto all = time_of([&] {
    f();
    settle();
  });
  CALLGRIND_DUMP_STATS_AT(part.c_str());
  CALLGRIND_STOP_INSTRUMENTATION;
  return {{"part", part},
          {"units", units},
          {"cpu_us", all.cpu * 1e6 / static_cast<double>(units)}};
}

} // namespace

spent time_of(const std::function<void()>& f) {
  auto cpu = cpu_time();
  auto begin = clock::now();
  f();
  std::chrono::duration<double> wall = clock::now() - begin;
  return {cpu_time() - cpu, wall.count()};
}

void settle() {
  constexpr std::chrono::milliseconds pause{20};
  constexpr double idle = 0.0005; // Timers and this loop use less.
  while (time_of([&] { std::this_thread::sleep_for(pause); }).cpu > idle)
    continue;
}

void measure(const std::string& part, size_t units,
             const std::function<void()>& f) {
  print_line(line_of(part, units, f));
}

void measure_beyond(const std::string& base, const std::string& part,
                    size_t units, const std::function<void()>& f) {
  auto line = line_of(part, units, f);
  line["beyond"] = base;
  print_line(line);
}

void print(const std::string& part, double value) {
  print_line({{"part", part}, {"value", value}});
}

} // namespace troupe::growth
