#include "troupe/codec.hpp"

#include "base/event_parts.hpp"
#include "base/number.hpp"
#include "troupe/frame.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <system_error>

namespace troupe {

namespace {

using nlohmann::json;

// -- event names --------------------------------------------------------------

bool is_event_name(std::string_view x) noexcept {
  return is_plain_event_name(x) && is_utf8(x);
}

/// Quotes a name for error messages, which may be logged: control characters
/// become '?', so that the result is one line.
std::string quoted(std::string_view name) {
  std::string result{"event \""};
  for (auto c : name)
    result += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return result += '"';
}

// -- values -------------------------------------------------------------------

/// Same as Go's strconv.ParseBool.
std::optional<bool> to_boolean(std::string_view x) noexcept {
  constexpr std::array<std::string_view, 6> truths = {"true", "1",    "t",
                                                      "T",    "TRUE", "True"};
  constexpr std::array<std::string_view, 6> falsehoods
    = {"false", "0", "f", "F", "FALSE", "False"};
  if (std::find(truths.begin(), truths.end(), x) != truths.end())
    return true;
  if (std::find(falsehoods.begin(), falsehoods.end(), x) != falsehoods.end())
    return false;
  return std::nullopt;
}

/// Returns false for text that nlohmann's parser accepts but troupe does not:
/// text with a NUL, which the parser takes for the end, a byte order mark,
/// which it skips, and deep nesting.
bool is_json_candidate(std::string_view x) noexcept {
  if (x.starts_with("\xEF\xBB\xBF"))
    return false;
  size_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < x.size(); ++i) {
    switch (x[i]) {
      case '\0':
        return false;
      case '\\': // Skips an escaped quote. An escaped NUL is invalid anyway.
        ++i;
        break;
      case '"':
        in_string = !in_string;
        break;
      case '[':
      case '{':
        if (!in_string && ++depth > max_json_depth)
          return false;
        break;
      case ']':
      case '}':
        if (!in_string && depth > 0)
          --depth;
        break;
      default:
        break;
    }
  }
  return true;
}

std::optional<json> to_json_value(std::string_view x) {
  if (is_json_candidate(x))
    if (auto result = json::parse(x, nullptr, false); !result.is_discarded())
      return result;
  return std::nullopt;
}

bool is_value(type_tag tag, std::string_view x) {
  if (x.empty())
    return true;
  switch (tag) {
    case type_tag::integer:
      return base::parse_signed(x).has_value();
    case type_tag::boolean:
      return to_boolean(x).has_value();
    case type_tag::json:
      return is_json_candidate(x) && json::accept(x);
    default:
      return true;
  }
}

bool nests_deeper_than(const json& x, size_t limit) {
  if (!x.is_structured())
    return false;
  return limit == 0 || std::any_of(x.begin(), x.end(), [limit](const json& y) {
           return nests_deeper_than(y, limit - 1);
         });
}

std::optional<std::string> to_json_text(const json& x) {
  if (x.is_discarded() || nests_deeper_than(x, max_json_depth))
    return std::nullopt;
  try {
    return x.dump();
  } catch (const json::exception&) {
    return std::nullopt; // A string in it is not UTF-8.
  }
}

/// Payload of a value that has no JSON representation; not valid JSON itself.
constexpr std::string_view no_json = "\xFF";

// -- messages -----------------------------------------------------------------

/// Encodes an event. The name and the payload are valid.
frame assemble(std::string_view name, type_tag tag, std::string_view payload,
               std::string_view prefix, bool force_binary) {
  const char separators[] = {';', static_cast<char>(tag), ';'};
  // Only strings can be invalid UTF-8 and still be meant for text frames.
  auto binary = force_binary || tag == type_tag::bytes || !is_utf8(prefix)
                || (tag == type_tag::string && !is_utf8(payload));
  return frame::concat(binary, {prefix, name, {separators, 3}, payload});
}

} // namespace

// -- decoding -----------------------------------------------------------------

bool is_event(std::string_view message, std::string_view prefix) noexcept {
  return message.starts_with(prefix);
}

caf::expected<event_view> parse(std::string_view message,
                                std::string_view prefix) {
  if (!is_event(message, prefix))
    return make_error(errc::malformed_event, "the event prefix is missing");
  message.remove_prefix(prefix.size());
  event_view result;
  switch (base::split_event(message, result)) {
    case base::event_flaw::none:
      return result;
    case base::event_flaw::separator:
      return make_error(errc::malformed_event, "';' is missing after the name");
    case base::event_flaw::name:
      return make_error(errc::invalid_event_name,
                        "empty, not UTF-8, or more than 255 bytes");
    case base::event_flaw::tag:
      return make_error(errc::malformed_event,
                        quoted(result.name) + " has no type tag");
    case base::event_flaw::unknown_tag:
      break;
  }
  return make_error(errc::unknown_type_tag, quoted(result.name) + " has tag "
                                              + static_cast<char>(result.tag));
}

caf::expected<json> value_of(const event_view& x) {
  auto invalid = [&x](const char* kind) {
    return make_error(errc::invalid_value,
                      quoted(x.name) + " announces " + kind);
  };
  // Not `return {...}`, since braces around a json create an array.
  switch (x.tag) {
    case type_tag::string:
      return json(std::string{x.payload});
    case type_tag::integer:
      if (x.payload.empty())
        return json();
      if (auto value = base::parse_signed(x.payload))
        return json(*value);
      return invalid("an integer");
    case type_tag::boolean:
      if (x.payload.empty())
        return json();
      if (auto value = to_boolean(x.payload))
        return json(*value);
      return invalid("a boolean");
    case type_tag::bytes:
      return json::binary({x.payload.begin(), x.payload.end()});
    case type_tag::json:
      if (x.payload.empty())
        return json();
      if (auto value = to_json_value(x.payload))
        return std::move(*value);
      return invalid("JSON");
  }
  return make_error(errc::unknown_type_tag, quoted(x.name));
}

caf::expected<event> decode(std::string_view message, std::string_view prefix) {
  auto view = parse(message, prefix);
  if (!view)
    return std::move(view.error());
  auto body = value_of(*view);
  if (!body)
    return std::move(body.error());
  return event{std::string{view->name}, std::move(*body)};
}

// -- encoding -----------------------------------------------------------------

caf::expected<frame> encode(const event_view& x, std::string_view prefix,
                            bool force_binary) {
  if (!is_event_name(x.name))
    return make_error(errc::invalid_event_name);
  if (x.tag < type_tag::string || x.tag > type_tag::json)
    return make_error(errc::unknown_type_tag, quoted(x.name));
  if (!is_value(x.tag, x.payload))
    return make_error(errc::invalid_value, quoted(x.name));
  return assemble(x.name, x.tag, x.payload, prefix, force_binary);
}

caf::expected<frame> encode(const event& x, std::string_view prefix,
                            bool force_binary) {
  // Avoids a copy of the body.
  if (const auto* text = x.body.get_ptr<const json::string_t*>())
    return encode(event_view{x.name, type_tag::string, *text}, prefix,
                  force_binary);
  return encode(x.name, to_wire(x.body), prefix, force_binary);
}

caf::expected<frame> encode(std::string_view name, const wire_value& x,
                            std::string_view prefix, bool force_binary) {
  if (!is_event_name(name))
    return make_error(errc::invalid_event_name);
  if (!is_encodable(x))
    return make_error(errc::invalid_value, quoted(name));
  return assemble(name, x.tag, x.payload, prefix, force_binary);
}

bool is_encodable(const wire_value& x) noexcept {
  return x.tag != type_tag::json || x.payload != no_json;
}

wire_value to_wire(std::string_view x) {
  return {type_tag::string, std::string{x}};
}

wire_value to_wire(bool x) {
  return {type_tag::boolean, x ? "true" : "false"};
}

wire_value to_wire(int64_t x) {
  return {type_tag::integer, std::to_string(x)};
}

wire_value to_wire(uint64_t x) {
  constexpr auto limit = uint64_t{std::numeric_limits<int64_t>::max()};
  return {x > limit ? type_tag::json : type_tag::integer, std::to_string(x)};
}

wire_value to_wire(std::span<const std::byte> x) {
  const auto* first = reinterpret_cast<const char*>(x.data());
  return {type_tag::bytes, std::string{first, x.size()}};
}

wire_value to_wire(const json& x) {
  switch (x.type()) {
    case json::value_t::string:
      return to_wire(std::string_view{*x.get_ptr<const json::string_t*>()});
    case json::value_t::boolean:
      return to_wire(x.get<bool>());
    case json::value_t::number_integer:
      return to_wire(x.get<int64_t>());
    case json::value_t::number_unsigned:
      return to_wire(x.get<uint64_t>());
    case json::value_t::binary:
      return to_wire(std::as_bytes(std::span{x.get_binary()}));
    default:
      return {type_tag::json, to_json_text(x).value_or(std::string{no_json})};
  }
}

} // namespace troupe
