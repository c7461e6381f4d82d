#include "base/protocol2.hpp"

#include "base/event_parts.hpp"
#include "troupe/recipient.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace troupe::protocol2 {

namespace {

using base::event_flaw;
using base::take_part;
using nlohmann::json;

// -- rooms --------------------------------------------------------------------

/// Size of what '%' begins.
constexpr size_t escape_size = 3;

/// Returns the character that `x` stands for, or none if it is not an escape.
std::optional<char> unescape(std::string_view x) noexcept {
  if (x == "%25")
    return '%';
  if (x == "%3B")
    return ';';
  return std::nullopt;
}

/// Returns whether `x` is the name of a room as it is written in messages.
/// @pre `x` has no ';'.
bool is_room(std::string_view x) noexcept {
  size_t escapes = 0;
  for (auto i = x.find('%'); i != std::string_view::npos;
       i = x.find('%', i + escape_size)) {
    if (!unescape(x.substr(i, escape_size)))
      return false;
    ++escapes;
  }
  auto size = x.size() - escapes * (escape_size - 1);
  return size > 0 && size <= max_name_size && is_utf8(x);
}

// -- parts of messages --------------------------------------------------------
//
// Each function moves `x` behind the part that it takes, and returns false if
// `x` does not begin with such a part.

/// Takes an id. 0 is the id of errors that answer nothing.
bool take_id(std::string_view& x, uint64_t& id) noexcept {
  const auto* end = x.data() + x.size();
  uint64_t number = 0;
  auto [rest, failure] = std::from_chars(x.data(), end, number);
  if (failure != std::errc{} || rest == end || *rest != ';' || number > max_id)
    return false;
  auto size = static_cast<size_t>(rest - x.data());
  if (x.starts_with('0') && size > 1)
    return false;
  id = number;
  x.remove_prefix(size + 1);
  return true;
}

/// Takes the id of what expects an answer, or of an answer.
bool take_number(std::string_view& x, uint64_t& id) noexcept {
  return take_id(x, id) && id > 0;
}

bool take_room(std::string_view& x, std::string_view& room) noexcept {
  return take_part(x, room) && is_room(room);
}

bool take_target(std::string_view& x, std::string_view& room) noexcept {
  if (x.starts_with('#')) {
    x.remove_prefix(1);
    return take_room(x, room);
  }
  auto has_no_room = x.starts_with(';');
  x.remove_prefix(has_no_room ? 1 : 0);
  return has_no_room;
}

bool take_code(std::string_view& x, std::string_view& code) noexcept {
  return take_part(x, code) && is_refusal_code(code);
}

bool take_value(std::string_view x, event_view& value) noexcept {
  return base::split_value(x, value) == event_flaw::none;
}

bool take_event(std::string_view x, event_view& value) noexcept {
  return base::split_event(x, value) == event_flaw::none;
}

/// Splits what follows the kind of a message.
/// @returns `valid`, or else how the message errs; the parts before that are
///          set.
status split(std::string_view x, message_view& y) noexcept {
  auto valid = false;
  switch (y.kind) {
    case kind::hello:
    case kind::raw:
    case kind::advice:
      y.text = x;
      valid = true;
      break;
    case kind::event:
      valid = take_target(x, y.room) && take_event(x, y.value);
      break;
    case kind::request:
      valid = take_number(x, y.id) && take_target(x, y.room)
              && take_event(x, y.value);
      break;
    case kind::answer:
      valid = take_number(x, y.id) && take_value(x, y.value);
      break;
    case kind::error:
      valid = take_id(x, y.id) && take_code(x, y.code)
              && take_value(x, y.value);
      break;
    case kind::join:
      valid = take_number(x, y.id) && take_room(x, y.room)
              && take_value(x, y.value);
      break;
    case kind::leave:
      valid = take_room(x, y.room) && x.empty();
      break;
    case kind::change:
      valid = take_room(x, y.room) && take_code(x, y.code) && x.empty();
      break;
    case kind::beat:
    case kind::probe:
      valid = x.empty();
      break;
    default:
      return status::unknown;
  }
  return valid ? status::valid : status::malformed;
}

// -- messages -----------------------------------------------------------------

/// Returns whether a value cannot be in a text message, since browsers close a
/// connection on text that is not UTF-8.
bool needs_binary(type_tag tag, std::string_view payload) noexcept {
  return tag == type_tag::bytes || !is_utf8(payload);
}

/// Returns what precedes a room in an event or a request.
std::string_view mark(std::string_view room) noexcept {
  return room.empty() ? "" : "#";
}

/// Returns the text of a kind or a tag.
template <class T>
std::string text_of(T x) {
  return {static_cast<char>(x)};
}

} // namespace

// -- decoding -----------------------------------------------------------------

message_view parse(std::string_view message) noexcept {
  message_view result;
  if (message.empty()) {
    result.status = status::malformed;
    return result;
  }
  result.kind = kind{message.front()};
  result.status = split(message.substr(1), result);
  // All returns name `result`, so that it is not copied.
  if (result.status == status::malformed)
    result = {status::malformed, result.kind, result.id, {}, {}, {}, {}};
  return result;
}

std::optional<std::string> decode_room(std::string_view room) {
  if (room.find(';') != std::string_view::npos || !is_room(room))
    return std::nullopt;
  std::string result;
  result.reserve(room.size());
  while (!room.empty()) {
    auto plain = std::min(room.find('%'), room.size());
    result += room.substr(0, plain);
    room.remove_prefix(plain);
    if (auto c = unescape(room.substr(0, escape_size))) {
      result += *c;
      room.remove_prefix(escape_size);
    }
  }
  return result;
}

std::string encode_room(std::string_view room) {
  std::string result;
  result.reserve(room.size());
  for (auto c : room) {
    if (c == '%')
      result += "%25";
    else if (c == ';')
      result += "%3B";
    else
      result += c;
  }
  return result;
}

std::optional<json> decode_json(std::string_view text) {
  auto result = value_of({{}, type_tag::json, text});
  if (!result || !result->is_object())
    return std::nullopt;
  return std::move(*result);
}

// -- encoding -----------------------------------------------------------------

frame encode_event(std::string_view room, const event_view& x, bool binary) {
  return frame::concat(binary || needs_binary(x.tag, x.payload),
                       {"e", mark(room), room, ";", x.name, ";", text_of(x.tag),
                        ";", x.payload});
}

frame encode_raw(std::string_view x, bool binary) {
  return frame::concat(binary || !is_utf8(x), {"r", x});
}

frame translate(const frame& x, std::string_view prefix,
                std::string_view room) {
  auto message = x.payload();
  if (is_event(message, prefix)) {
    auto event = message.substr(prefix.size());
    if (event_view parts; take_event(event, parts))
      return frame::concat(x.is_binary(), {"e", mark(room), room, ";", event});
  }
  return frame::concat(x.is_binary(), {"r", message});
}

frame encode_request(uint64_t id, std::string_view room, const event_view& x,
                     bool binary) {
  return frame::concat(binary || needs_binary(x.tag, x.payload),
                       {"q", std::to_string(id), ";", mark(room), room, ";",
                        x.name, ";", text_of(x.tag), ";", x.payload});
}

frame encode_answer(uint64_t id, const wire_value& x, bool binary) {
  return frame::concat(binary || needs_binary(x.tag, x.payload),
                       {"a", std::to_string(id), ";", text_of(x.tag), ";",
                        x.payload});
}

frame encode_error(uint64_t id, std::string_view code, const wire_value& x,
                   bool binary) {
  return frame::concat(binary || needs_binary(x.tag, x.payload),
                       {"x", std::to_string(id), ";", code, ";", text_of(x.tag),
                        ";", x.payload});
}

frame encode_join(uint64_t id, std::string_view room, const wire_value& x,
                  bool binary) {
  return frame::concat(binary || needs_binary(x.tag, x.payload),
                       {"j", std::to_string(id), ";", room, ";", text_of(x.tag),
                        ";", x.payload});
}

frame encode_leave(std::string_view room, bool binary) {
  return frame::concat(binary, {"l", room, ";"});
}

frame encode_change(std::string_view room, std::string_view why, bool binary) {
  return frame::concat(binary, {"y", room, ";", why, ";"});
}

frame encode_json(kind what, const json& x, bool binary) {
  auto text = x.dump(-1, ' ', false, json::error_handler_t::replace);
  return frame::concat(binary, {text_of(what), text});
}

frame encode_sign(kind what, bool binary) {
  return frame::concat(binary, {text_of(what)});
}

} // namespace troupe::protocol2
