#pragma once

namespace caf {

class resumable;

} // namespace caf

namespace troupe::net {

/// Makes exceptions that escape the actor behind `job` appear in the log
/// instead of on standard output, where CAF prints them. Call before the actor
/// runs. Has no effect on an actor that has run already or has its own
/// exception handler.
void watch_for_failures(caf::resumable& job);

} // namespace troupe::net
