#pragma once

#include "base/protocol2.hpp"

/// @file
///
/// Refusals in version 2 of the wire format.

namespace troupe::protocol2 {

/// Encodes an error with the members of `x`. An invalid code becomes `failed`.
/// @param id  0 if it answers nothing.
frame encode_refusal(uint64_t id, const refusal& x, bool binary = false);

/// Returns what an error says. Its text is empty if the value has none in
/// UTF-8, and its time is a day at most.
/// @param x  a valid error.
refusal decode_refusal(const message_view& x);

} // namespace troupe::protocol2
