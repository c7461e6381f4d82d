#pragma once

#include "troupe/frame.hpp"

#include <caf/message.hpp>

#include <string_view>

namespace troupe::actors {

// Text of another node is checked, since a browser closes a connection that
// delivers text that is not UTF-8.

/// Returns whether `x` may be the name of a room or an id: UTF-8, and not too
/// long.
bool is_sound_name(std::string_view x) noexcept;

/// Returns whether `x` is binary, or UTF-8.
bool is_sound(const frame& x) noexcept;

/// Returns whether all text in `x` is valid, if `x` is one of the messages with
/// text that nodes exchange; true for all other messages.
bool is_sound(const caf::message& x);

} // namespace troupe::actors
