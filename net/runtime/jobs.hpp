#pragma once

#include "actors/seams/event_loop.hpp"

#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>

#include <string>

/// Functions for jobs, that is, the actors that an event loop runs.
namespace troupe::net {

/// Returns a description of `job` for the log.
std::string name_of(caf::resumable& job);

/// Returns a description of `job` that is valid while it runs; does not
/// allocate.
actors::occupant occupant_of(caf::resumable& job);

/// Terminates an actor that will never run again and releases the reference
/// that `job` holds.
/// @param host receives the jobs that become runnable as a result.
void discard(caf::resumable* job, caf::execution_unit* host);

} // namespace troupe::net
