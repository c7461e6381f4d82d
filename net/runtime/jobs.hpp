#pragma once

#include "actors/seams/event_loop.hpp"

#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>

#include <string>

/// What an event loop runs: actors that have something to do.
namespace troupe::net {

/// Who `job` is, for the log.
std::string name_of(caf::resumable& job);

/// The same while it runs, without a string.
actors::occupant occupant_of(caf::resumable& job);

/// Ends what will never run, and gives its reference back.
/// @param host takes the messages that this causes.
void discard(caf::resumable* job, caf::execution_unit* host);

} // namespace troupe::net
