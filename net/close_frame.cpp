#include "net/close_frame.hpp"

#include "net/wire/utf8.hpp"

#include <algorithm>
#include <cstddef>

namespace troupe::net {

namespace {

constexpr size_t max_reason_size = 123;

bool is_continuation(char x) {
  return (x & 0xc0) == 0x80;
}

/// The size of the character that begins with `x`.
size_t character_size(char x) {
  auto byte = static_cast<unsigned char>(x);
  return byte < 0xc0 ? 1u : byte < 0xe0 ? 2u : byte < 0xf0 ? 3u : 4u;
}

bool may_be_sent(uint16_t code) {
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005
          && code != 1006)
         || (code >= 3000 && code <= 4999);
}

} // namespace

bool is_normal(close_code code) noexcept {
  return code == close_code::normal || code == close_code::going_away
         || code == close_code::no_status;
}

std::string_view cut_reason(std::string_view reason) noexcept {
  if (!is_utf8(reason))
    return {};
  if (reason.size() <= max_reason_size)
    return reason;
  auto end = max_reason_size;
  while (end > 0 && is_continuation(reason[end]))
    --end;
  return reason.substr(0, end);
}

boost::beast::websocket::close_reason to_close_reason(close_code code,
                                                      std::string_view reason) {
  namespace websocket = boost::beast::websocket;
  if (code == close_code::no_status)
    return websocket::close_code::none;
  auto number = static_cast<uint16_t>(code);
  if (!may_be_sent(number))
    number = static_cast<uint16_t>(close_code::internal_error);
  return {static_cast<websocket::close_code>(number),
          boost::beast::string_view{reason.data(), reason.size()}};
}

bool ends_inside_character(std::string_view text) noexcept {
  for (size_t n = 1; n <= std::min<size_t>(3, text.size()); ++n)
    if (auto x = text[text.size() - n]; !is_continuation(x))
      return character_size(x) > n;
  return false;
}

} // namespace troupe::net
