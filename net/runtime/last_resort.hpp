#pragma once

#include "net/runtime/roster.hpp"
#include "net/runtime/stop_signals.hpp"

#include <caf/fwd.hpp>
#include <caf/timespan.hpp>

#include <string>

namespace troupe::net {

/// Ends a process in time although some of its actors do not end: names them in
/// the log, and goes.
class last_resort {
public:
  /// Both must outlive this.
  last_resort(stop_signals& timer, const roster& actors);
  ~last_resort();
  last_resort(const last_resort&) = delete;
  last_resort& operator=(const last_resort&) = delete;

  /// If the process has not ended in `time`, it will, with `status`.
  void arm(caf::timespan time, int status, caf::actor_system& sys);

  /// Call before the actor system goes: leaves it alone from now on.
  void forget_system();

private:
  [[noreturn]] void give_up(const std::string& held) const;

  stop_signals& timer_;
  const roster& actors_;
  stop_signals::time_point end_;
  int status_ = 0;
};

} // namespace troupe::net
