#pragma once

namespace caf {

class resumable;

} // namespace caf

namespace troupe::net {

/// Has the log told of exceptions that escape the actor behind `job`, instead
/// of standard output, where CAF would. Call before the actor runs; does
/// nothing to one that has run already or has an exception handler of its own.
void watch_for_failures(caf::resumable& job);

} // namespace troupe::net
