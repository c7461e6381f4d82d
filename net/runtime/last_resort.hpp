#pragma once

#include "net/runtime/roster.hpp"
#include "net/runtime/stop_signals.hpp"

#include <caf/fwd.hpp>
#include <caf/timespan.hpp>

#include <string>

namespace troupe::net {

/// Ends the process in time even if some actors do not terminate: logs their
/// names and exits.
class last_resort {
public:
  /// `timer` and `actors` must outlive this object.
  last_resort(stop_signals& timer, const roster& actors);
  ~last_resort();
  last_resort(const last_resort&) = delete;
  last_resort& operator=(const last_resort&) = delete;

  /// Ends the process with `status` unless it has ended within `time`.
  void arm(caf::timespan time, int status, caf::actor_system& sys);

  /// Stops using the actor system. Call before the actor system is destroyed.
  void forget_system();

private:
  [[noreturn]] void give_up(const std::string& held) const;

  stop_signals& timer_;
  const roster& actors_;
  stop_signals::time_point end_;
  int status_ = 0;
};

} // namespace troupe::net
