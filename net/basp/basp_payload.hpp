#pragma once

#include <caf/fwd.hpp>

#include <cstddef>
#include <string>

namespace troupe::net {

/// Checks whether BASP can safely process a header. Unsafe headers announce no
/// payload for operations where BASP reads one unchecked, or address an actor's
/// stream queues, which support no other messages.
/// @param header 32 bytes.
/// @returns the reason for the log, or an empty string if the header is safe.
std::string harm_in_header(const unsigned char* header);

/// Checks whether BASP can safely deserialize a payload. An unsafe payload
/// exhausts the stack by deep nesting, or memory by announcing more elements
/// than it contains. Deserializes the payload as BASP does, without side
/// effects.
/// @param operation of BASP's header.
/// @returns the reason for the log, or an empty string if the payload is safe.
///          A safe payload may still be invalid; BASP then drops it.
std::string harm_in(caf::actor_system& sys, unsigned char operation,
                    const void* payload, size_t size);

} // namespace troupe::net
