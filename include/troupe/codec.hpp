#pragma once

#include "troupe/error.hpp"
#include "troupe/frame.hpp"
#include "troupe/literal.hpp"
#include "troupe/strict_numbers.hpp"

#include <caf/expected.hpp>
#include <nlohmann/json.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

/// @file
///
/// Wire format, version 1 (C52-C57): one WebSocket message per event, text or
/// binary, of the form `<prefix><name>;<tag>;<payload>`. docs/protocol.md has
/// the grammar, tests/data/wire_vectors.json examples of each case.
///
/// All functions in this header are pure, total and thread-safe: any input
/// yields a result or an error, and no function throws, except that `to_wire`
/// passes on exceptions from a `to_json` function.

namespace troupe {

/// Type of the payload of an event, one ASCII digit on the wire (C52).
enum class type_tag : char {
  string = '0',
  integer = '1',
  boolean = '2',
  bytes = '3',
  json = '4',
};

/// Maximum length of an event name in bytes.
inline constexpr size_t max_event_name_size = 255;

/// Returns whether `name` has the size of an event name and no ';'.
constexpr bool is_plain_event_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= max_event_name_size
         && name.find(';') == std::string_view::npos;
}

/// Refers to the name of an event in the source, such as `"chat"`.
using event_literal = literal<is_plain_event_name>;

/// Maximum nesting depth of arrays and objects in a JSON payload, for decoding
/// and encoding. The depth of `[]` is 1.
inline constexpr size_t max_json_depth = 128;

/// Refers to the parts of an encoded event. Valid as long as the bytes that
/// were parsed.
struct event_view {
  std::string_view name; ///< 1 to 255 bytes of UTF-8 without ';'.
  type_tag tag = type_tag::string;
  std::string_view payload; ///< As on the wire; empty: no data (C54).
};

/// Holds a decoded event. `body` is a string, an integer, a boolean, a binary
/// or any other JSON value. The body of an event without data is an empty
/// string or an empty binary for these tags, and null for all others.
struct event {
  std::string name;
  nlohmann::json body;
};

/// Returns whether `message` starts with `prefix` and is therefore an event
/// (C56).
bool is_event(std::string_view message, std::string_view prefix) noexcept;

/// Splits an event into its parts without decoding the payload. Allocates
/// memory only for errors.
/// @param message  the payload of a WebSocket message.
/// @param prefix   see `config::event_prefix`.
/// @returns the parts, or errc::malformed_event, errc::unknown_type_tag or
///          errc::invalid_event_name.
[[nodiscard]] caf::expected<event_view> parse(std::string_view message,
                                              std::string_view prefix);

/// Decodes the payload of `x` according to its tag (C54). A string from a
/// binary message may contain bytes that are not UTF-8.
/// @returns the value; errc::invalid_value if the payload is not a value of
///          this type, or errc::unknown_type_tag.
[[nodiscard]] caf::expected<nlohmann::json> value_of(const event_view& x);

/// Splits an event and decodes its payload.
/// @returns the event, or an error of `parse` or `value_of`.
[[nodiscard]] caf::expected<event> decode(std::string_view message,
                                          std::string_view prefix);

/// Encodes an event whose payload is in wire format already. Allocates memory
/// once, unless the payload is JSON, which is parsed for validation. Bytes (tag
/// 3) and strings that are not UTF-8 are sent in a binary frame (C53).
/// @param x             the event.
/// @param prefix        see `config::event_prefix`.
/// @param force_binary  if true, the frame is always binary.
/// @returns the message; errc::invalid_event_name, errc::unknown_type_tag, or
///          errc::invalid_value if the payload does not match the tag.
[[nodiscard]] caf::expected<frame>
encode(const event_view& x, std::string_view prefix, bool force_binary = false);

/// Encodes `x`. The tag follows from the type of `x.body` (C64).
/// @returns the message; errc::invalid_event_name, or errc::invalid_value if
///          the body has no representation in JSON: it contains a string that
///          is not UTF-8, or exceeds `max_json_depth`.
[[nodiscard]] caf::expected<frame>
encode(const event& x, std::string_view prefix, bool force_binary = false);

/// @cond
namespace detail {

/// A type of characters, which are neither text nor numbers. `signed char` and
/// `unsigned char` (`int8_t` and `uint8_t`) are numbers.
template <class T>
concept character
  = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<
    T, char8_t> || std::same_as<T, char16_t> || std::same_as<T, char32_t>;

/// A range of characters other than text in UTF-8, such as `u8"text"` and
/// `std::vector<char>`.
template <class T>
concept foreign_text
  = !std::convertible_to<const T&, std::string_view> && requires(const T& x) {
  {*std::begin(x)};
  requires character<std::remove_cvref_t<decltype(*std::begin(x))>>;
};

template <class T>
inline constexpr bool is_optional = false;

template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

} // namespace detail
/// @endcond

/// Holds a value in wire format: the tag and the encoded payload.
struct wire_value {
  type_tag tag = type_tag::string;
  std::string payload;
};

/// Returns whether `x` can be sent: false if `to_wire` made it from a value
/// without a representation in JSON.
bool is_encodable(const wire_value& x) noexcept;

/// Encodes an event with a value from `to_wire`, which is not validated again.
/// Allocates memory once.
/// @returns the message; errc::invalid_event_name, or errc::invalid_value if
///          `x` was made from a value without a representation in JSON.
[[nodiscard]] caf::expected<frame>
encode(std::string_view name, const wire_value& x, std::string_view prefix,
       bool force_binary = false);

/// Returns the payload of an event without data.
inline wire_value to_wire() {
  return {};
}

/// Converts text to a string (tag 0).
wire_value to_wire(std::string_view x);

/// Converts `x` to a boolean (tag 2).
wire_value to_wire(bool x);

/// Converts `x` to an integer (tag 1).
wire_value to_wire(int64_t x);

/// Converts `x` to an integer (tag 1), or to a JSON number (tag 4) if it is
/// greater than 2^63-1.
wire_value to_wire(uint64_t x);

/// Converts `x` to bytes (tag 3).
wire_value to_wire(std::span<const std::byte> x);

/// Converts strings, integers, booleans and binaries to their own tag, and all
/// other values to JSON (tag 4). Floating-point NaN and infinities become null,
/// as in JavaScript. `encode` rejects the result for a value without a
/// representation in JSON.
wire_value to_wire(const nlohmann::json& x);

/// Converts any value: text, `bool`, integers and bytes to their own tag, an
/// empty `std::optional` to a JSON null (tag 4), and everything else by
/// `to_json` of nlohmann::json. Characters such as `char` and ranges of them
/// other than text do not compile, since they would travel as numbers.
template <class T>
wire_value to_wire(const T& x) {
  static_assert(!detail::character<T>,
                "The value of an event must not be a char: pass text as "
                "std::string_view{&c, 1}, or a number as int.");
  static_assert(!detail::foreign_text<T>,
                "The value of an event must not be a range of characters other "
                "than text: pass text as std::string_view, and bytes as "
                "std::vector<std::byte>.");
  constexpr auto is_text
    = std::is_convertible_v<const T&,
                            std::string_view> && !std::is_null_pointer_v<T>;
  if constexpr (is_text)
    return to_wire(std::string_view{x});
  else if constexpr (std::is_convertible_v<const T&,
                                           std::span<const std::byte>>)
    return to_wire(std::span<const std::byte>{x});
  else if constexpr (std::signed_integral<T>)
    return to_wire(static_cast<int64_t>(x));
  else if constexpr (std::unsigned_integral<T> && !std::is_same_v<T, bool>)
    return to_wire(static_cast<uint64_t>(x));
  else if constexpr (detail::is_optional<T>)
    return x.has_value() ? to_wire(*x) : to_wire(nullptr);
  else
    return to_wire(nlohmann::json(x));
}

} // namespace troupe
