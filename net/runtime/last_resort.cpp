#include "net/runtime/last_resort.hpp"

#include "net/runtime/access_log.hpp"
#include "net/runtime/scheduler.hpp"
#include "troupe/log.hpp"

#include <chrono>
#include <cstdlib>

namespace troupe::net {

namespace {

/// Maximum number of actors named in the log.
constexpr size_t most_names = 16;

constexpr auto last_flush_time = std::chrono::milliseconds{250};

void warn(const std::string& line) {
  log(log_level::warning, {.category = "runtime"}, line);
}

} // namespace

last_resort::last_resort(stop_signals& timer, const roster& actors)
  : timer_{timer},
    actors_{actors} {
}

last_resort::~last_resort() {
  timer_.limit(stop_signals::time_point::max(), nullptr);
}

void last_resort::arm(caf::timespan time, int status, caf::actor_system& sys) {
  end_ = std::chrono::steady_clock::now() + time;
  status_ = status;
  auto* threads = scheduler::of(sys);
  timer_.limit(end_, [this, threads] {
    give_up(threads == nullptr ? "" : threads->held_threads());
  });
}

void last_resort::forget_system() {
  timer_.limit(end_, [this] { give_up(""); });
}

void last_resort::give_up(const std::string& held) const {
  if (!held.empty())
    warn(held);
  if (auto count = actors_.count(); count > 0)
    warn("actors that have not ended: " + actors_.names(most_names));
  warn("the process ends without waiting any longer");
  flush_log(last_flush_time);
  access_log::of_process().flush(last_flush_time);
  // Skips destructors: they would destroy objects that other threads still use,
  // or wait for these threads.
  std::_Exit(status_);
}

} // namespace troupe::net
