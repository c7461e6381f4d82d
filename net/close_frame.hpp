#pragma once

#include "troupe/error.hpp"

#include <boost/beast/websocket/rfc6455.hpp>

#include <string_view>

/// What a close frame may carry (RFC 6455 sections 5.5.1 and 7.4).
namespace troupe::net {

/// Whether an end with `code` is no error (C37).
bool is_normal(close_code code) noexcept;

/// The part of `reason` that fits: at most 123 bytes, cut between characters;
/// empty if it is no UTF-8.
std::string_view cut_reason(std::string_view reason) noexcept;

/// What to send for `code`: nothing for 1005, 1011 for others that must not be
/// sent. @pre `reason` fits.
boost::beast::websocket::close_reason to_close_reason(close_code code,
                                                      std::string_view reason);

/// Whether `text`, UTF-8 so far, lacks the rest of its last character.
bool ends_inside_character(std::string_view text) noexcept;

} // namespace troupe::net
