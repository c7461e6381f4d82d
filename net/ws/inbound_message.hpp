#pragma once

#include "net/wire/frame_reader.hpp"
#include "troupe/error.hpp"
#include "troupe/frame.hpp"

#include <cstddef>
#include <string_view>
#include <variant>

namespace troupe::net {

/// Converts what a `frame_reader` has found to a message, and inflates it if
/// necessary.
/// @param what   the kind of message: none of control frames and failures.
/// @param bytes  the payload that the reader has found.
/// @param most   maximum size of an inflated message in bytes.
/// @returns the message, or why the connection has to end.
std::variant<frame, close_info> to_message(frame_reader::found what,
                                           std::string_view bytes, size_t most);

} // namespace troupe::net
