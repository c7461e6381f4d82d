#pragma once

#include "troupe/error.hpp"
#include "troupe/frame.hpp"

#include <caf/expected.hpp>
#include <nlohmann/json.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

/// Wire format, version 1 (C52-C57; grammar in docs/protocol.md, vectors in
/// tests/data/wire_vectors.json): `<prefix><name>;<tag>;<payload>`, one
/// WebSocket message per event, text or binary.
/// Everything here is pure, total and thread-safe: hostile bytes give an error,
/// nothing throws.

namespace troupe {

/// The type of an event's payload, one ASCII digit on the wire (C52).
enum class type_tag : char {
  string = '0',
  integer = '1',
  boolean = '2',
  bytes = '3',
  json = '4',
};

/// Longest event name, in bytes.
inline constexpr size_t max_event_name_size = 255;

/// How deep arrays and objects may nest in a JSON payload, both ways: what
/// walks the values recurses. `[]` is one deep.
inline constexpr size_t max_json_depth = 128;

/// An event as it lies in a message; points into the bytes it was parsed from.
struct event_view {
  std::string_view name; ///< 1 to 255 bytes of UTF-8, free of ';'.
  type_tag tag = type_tag::string;
  std::string_view payload; ///< As on the wire; empty means no data (C54).
};

/// An event on its own. `body` is a string, an integer, a boolean, a binary or
/// any other JSON value. Without data it is what the tag makes of nothing: an
/// empty string, empty bytes, else null.
struct event {
  std::string name;
  nlohmann::json body;
};

/// Whether `message` is an event: it begins with `prefix` (C56).
bool is_event(std::string_view message, std::string_view prefix) noexcept;

/// Splits an event without looking into its payload. Does not allocate, unless
/// it has an error to tell.
/// @returns errc::malformed_event, errc::unknown_type_tag or
///          errc::invalid_event_name if `message` is none.
caf::expected<event_view> parse(std::string_view message,
                                std::string_view prefix);

/// Reads the payload by its tag (C54). A string from a binary message may be no
/// UTF-8.
/// @returns errc::invalid_value if the payload is no such value.
caf::expected<nlohmann::json> value_of(const event_view& x);

/// `parse` and `value_of` in one.
caf::expected<event> decode(std::string_view message, std::string_view prefix);

/// Builds the message of an event whose payload is written already, with one
/// allocation unless the payload is JSON. Bytes (tag 3) and text that is no
/// UTF-8 go into a binary frame (C53).
/// @returns errc::invalid_event_name, errc::unknown_type_tag, or
///          errc::invalid_value for a payload that is not what `tag` says.
caf::expected<frame> encode(const event_view& x, std::string_view prefix,
                            bool force_binary = false);

/// Builds the message of `x`; its tag follows from the type of `x.body` (C64).
/// @returns errc::invalid_event_name, or errc::invalid_value for a body that
///          JSON cannot hold: text in it is no UTF-8, or it nests too deep.
caf::expected<frame> encode(const event& x, std::string_view prefix,
                            bool force_binary = false);

/// A value as it goes on the wire: the tag and the text for it.
struct wire_value {
  type_tag tag = type_tag::string;
  std::string payload;
};

/// Builds the message of a value that `to_wire` made, which is not parsed
/// again: one allocation.
/// @returns errc::invalid_event_name, or errc::invalid_value if `x` came from
///          something that JSON cannot hold.
caf::expected<frame> encode(std::string_view name, const wire_value& x,
                            std::string_view prefix, bool force_binary = false);

/// Nothing: an event without data.
inline wire_value to_wire() {
  return {};
}

wire_value to_wire(std::string_view x);
wire_value to_wire(bool x);
wire_value to_wire(int64_t x);
wire_value to_wire(uint64_t x); ///< Above 2^63-1 as JSON number.
wire_value to_wire(std::span<const std::byte> x);

/// Strings, integers, booleans and binaries by their own tag, everything else
/// as JSON; floating-point NaN and infinities are null there, as in JavaScript.
/// What JSON cannot hold becomes a value that `encode` refuses.
wire_value to_wire(const nlohmann::json& x);

/// Any value: text, bool and integers by their own tag, bytes as bytes,
/// everything else as nlohmann's `to_json` makes it.
template <class T>
wire_value to_wire(const T& x) {
  if constexpr (std::is_null_pointer_v<T>)
    return to_wire(nlohmann::json(x));
  else if constexpr (std::is_convertible_v<const T&, std::string_view>)
    return to_wire(std::string_view{x});
  else if constexpr (std::is_convertible_v<const T&,
                                           std::span<const std::byte>>)
    return to_wire(std::span<const std::byte>{x});
  else if constexpr (std::signed_integral<T>)
    return to_wire(static_cast<int64_t>(x));
  else if constexpr (std::unsigned_integral<T> && !std::is_same_v<T, bool>)
    return to_wire(static_cast<uint64_t>(x));
  else
    return to_wire(nlohmann::json(x));
}

} // namespace troupe
