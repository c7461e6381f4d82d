#pragma once

#include "troupe/frame.hpp"

#include <caf/message.hpp>

#include <string_view>

namespace troupe::actors {

/// Text that came from another node, whose word for it is not taken: a browser
/// drops a connection that brings text that is not UTF-8.

/// Whether `x` may be the name of a room or an id: UTF-8, and not too long.
bool is_sound_name(std::string_view x) noexcept;

/// Whether `x` is binary, or UTF-8.
bool is_sound(const frame& x) noexcept;

/// The same for all text in the messages of troupe/messages.hpp that cross
/// between nodes. Of any other message it is true.
bool is_sound(const caf::message& x);

} // namespace troupe::actors
