#pragma once

#include <caf/fwd.hpp>

#include <cstddef>
#include <string>

namespace troupe::net {

/// Says why BASP must not read a header: it announces no payload where BASP
/// reads one without a look, or addresses an actor's queues of streams, which
/// expect no other message.
/// @param header 32 bytes.
/// @returns words for the log; empty if the header does no harm.
std::string harm_in_header(const unsigned char* header);

/// Says why BASP must not read a payload: it would run out of stack, since
/// values are nested in it too deeply, or out of memory, since a few bytes
/// announce more elements than can follow. Reads the payload as BASP would,
/// without any effect.
/// @param operation  of BASP's header.
/// @returns words for the log; empty if the payload does no harm. That says
///          nothing of whether it makes sense: BASP drops what does not.
std::string harm_in(caf::actor_system& sys, unsigned char operation,
                    const void* payload, size_t size);

} // namespace troupe::net
