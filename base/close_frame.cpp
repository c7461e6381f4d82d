#include "base/close_frame.hpp"

#include "base/utf8.hpp"
#include "troupe/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace troupe::base {

namespace {

constexpr size_t code_size = 2;
constexpr size_t max_reason_size = max_control_payload - code_size;

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

close_code sendable(close_code code) noexcept {
  if (code == close_code::no_status || may_be_sent(static_cast<uint16_t>(code)))
    return code;
  return close_code::internal_error;
}

std::string_view cut_reason(std::string_view reason) noexcept {
  if (!is_utf8(reason))
    return {};
  auto result = reason.substr(0, max_reason_size);
  return result.substr(0, whole_characters(result));
}

std::optional<close_words> parse_close(std::string_view payload) noexcept {
  if (payload.empty())
    return close_words{};
  if (payload.size() < code_size)
    return std::nullopt;
  auto code = static_cast<uint16_t>(static_cast<uint8_t>(payload[0]) << 8
                                    | static_cast<uint8_t>(payload[1]));
  auto reason = payload.substr(code_size);
  if (!may_be_sent(code) || !is_utf8(reason))
    return std::nullopt;
  return close_words{static_cast<close_code>(code), reason};
}

slice close_frame(close_code code, std::string_view reason) {
  if (code == close_code::no_status)
    return control_frame(opcode::close, {});
  auto number = static_cast<uint16_t>(sendable(code));
  std::string payload{static_cast<char>(number >> 8),
                      static_cast<char>(number & 0xff)};
  payload += reason;
  return control_frame(opcode::close, payload);
}

} // namespace troupe::base
