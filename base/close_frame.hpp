#pragma once

#include "troupe/error.hpp"
#include "troupe/frame.hpp"

#include <optional>
#include <string_view>

/// Contents of close frames (RFC 6455 sections 5.5.1 and 7.4).
namespace troupe::base {

/// Returns whether `code` does not indicate an error (C37).
bool is_normal(close_code code) noexcept;

/// Returns `code`, or 1011 in place of one that must not be sent. 1005, which
/// stands for no code, is returned unchanged.
close_code sendable(close_code code) noexcept;

/// Returns the part of `reason` that fits into a close frame: at most 123
/// bytes, cut between characters. Empty if `reason` is not UTF-8.
std::string_view cut_reason(std::string_view reason) noexcept;

/// Contents of a close frame.
struct close_words {
  close_code code = close_code::no_status;
  std::string_view reason;
};

/// Parses the payload of a close frame. `reason` points into `payload`.
/// @returns nothing if the payload is invalid.
std::optional<close_words> parse_close(std::string_view payload) noexcept;

/// Returns a close frame with `sendable(code)`: without a payload for 1005.
/// @pre `reason` fits.
slice close_frame(close_code code, std::string_view reason);

} // namespace troupe::base
