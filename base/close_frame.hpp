#pragma once

#include "troupe/error.hpp"
#include "troupe/frame.hpp"

#include <optional>
#include <string_view>

/// What a close frame may carry (RFC 6455 sections 5.5.1 and 7.4).
namespace troupe::base {

/// Whether an end with `code` is no error (C37).
bool is_normal(close_code code) noexcept;

/// The part of `reason` that fits: at most 123 bytes, cut between characters;
/// empty if it is no UTF-8.
std::string_view cut_reason(std::string_view reason) noexcept;

/// What a close frame says.
struct close_words {
  close_code code = close_code::no_status;
  std::string_view reason;
};

/// Reads the payload of a peer's close frame.
/// @returns nothing if it breaks a rule. `reason` points into `payload`.
std::optional<close_words> parse_close(std::string_view payload) noexcept;

/// What to send for `code`: nothing for 1005, 1011 for others that must not be
/// sent. @pre `reason` fits.
slice close_frame(close_code code, std::string_view reason);

} // namespace troupe::base
