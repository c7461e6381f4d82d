#pragma once

#include "troupe/codec.hpp"
#include "troupe/frame.hpp"
#include "troupe/reply.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// @file
///
/// Wire format, version 2: docs/protocol-2.md has the grammar,
/// tests/data/protocol2_vectors.json examples of each case. All functions are
/// pure, total and thread-safe, and do not throw.
///
/// The kind of a WebSocket message, text or binary, is not part of the format:
/// a receiver does not distinguish them, except that it passes on raw messages
/// as what they came in.

namespace troupe::protocol2 {

/// The subprotocol by which a client asks for this version.
inline constexpr std::string_view subprotocol = "troupe.2";

/// Kinds of messages: the first byte of each.
enum class kind : char {
  hello = 'h',
  event = 'e',
  raw = 'r',
  request = 'q',
  answer = 'a',
  error = 'x',
  join = 'j',
  leave = 'l',
  change = 'y',
  advice = 's',
  beat = '.',
  probe = '?',
};

/// Greatest id of a request: integers up to it are exact in JavaScript.
inline constexpr uint64_t max_id = (uint64_t{1} << 53) - 1;

/// Result of `parse`.
enum class status : uint8_t {
  valid,
  unknown,   ///< The kind is unknown; the message is ignored.
  malformed, ///< The message matches no rule of its kind, or is empty.
};

/// Refers to the parts of a message. Valid as long as the bytes that were
/// parsed. Parts that the kind does not have are empty; so are all parts of a
/// message that is not valid, except `kind` and `id`.
struct message_view {
  protocol2::status status = protocol2::status::unknown;
  /// The first byte, whether or not it is the value of an enumerator; 0 if the
  /// message is empty.
  protocol2::kind kind = {};
  /// Of an error: 0 if it answers nothing. Of a malformed message: 0 if the id
  /// is not readable, that is, not an id followed by ';'.
  uint64_t id = 0;
  std::string_view room; ///< As on the wire: see `decode_room`.
  std::string_view code; ///< Of an error; of a change: why.
  /// The name, tag and payload of an event or a request; tag and payload of an
  /// answer, an error or a join.
  event_view value;
  std::string_view text; ///< The JSON of a hello or an advice; a raw message.
};

/// Splits a message into its parts. Validates all parts, so `decode_room`
/// succeeds for a room, except payloads and JSON: `value_of` and `decode_json`
/// decode and validate those. Does not allocate memory.
message_view parse(std::string_view message) noexcept;

/// Returns the name of a room that `room` stands for.
/// @returns none if `room` is empty or longer than 255 bytes when decoded, is
///          not UTF-8, or has a ';' or a '%' that does not begin "%25" or
///          "%3B".
std::optional<std::string> decode_room(std::string_view room);

/// Returns `room` as it is written in messages.
/// @pre `room` is 1 to 255 bytes of UTF-8; otherwise `decode_room` refuses the
///      result.
std::string encode_room(std::string_view room);

/// Decodes the JSON of a hello or an advice.
/// @param text  see `message_view::text`.
/// @returns none if `text` is not an object by the rules for payloads with
///          `type_tag::json`, or empty. The message is then malformed.
std::optional<nlohmann::json> decode_json(std::string_view text);

// -- encoding -----------------------------------------------------------------
//
// All parts are valid: values are in wire format and encodable (see
// `is_encodable`), ids are 1 to `max_id`, rooms are from `encode_room`,
// codes satisfy `is_refusal_code`. A message is binary if its value is bytes or
// not UTF-8, or if `binary` is true.

/// Encodes an event.
/// @param room  as from `encode_room`; empty for none.
frame encode_event(std::string_view room, const event_view& x,
                   bool binary = false);

/// Encodes a raw message.
frame encode_raw(std::string_view x, bool binary = false);

/// Encodes a message of version 1 that was published to `room`: an event if it
/// is a well-formed one with `prefix`, else a raw message. The result is binary
/// if `x` is.
/// @param room  as from `encode_room`; empty for none. Raw messages do not
///              tell it.
frame translate(const frame& x, std::string_view prefix, std::string_view room);

/// Encodes a request.
/// @param room  as from `encode_room`; empty for none.
frame encode_request(uint64_t id, std::string_view room, const event_view& x,
                     bool binary = false);

/// Encodes an answer.
frame encode_answer(uint64_t id, const wire_value& x, bool binary = false);

/// Encodes an error.
/// @param id    0 if it answers nothing.
/// @param code  see `is_refusal_code`.
frame encode_error(uint64_t id, std::string_view code, const wire_value& x,
                   bool binary = false);

/// Encodes a join.
/// @param room  as from `encode_room`.
frame encode_join(uint64_t id, std::string_view room, const wire_value& x,
                  bool binary = false);

/// Encodes a leave.
/// @param room  as from `encode_room`.
frame encode_leave(std::string_view room, bool binary = false);

/// Encodes a change.
/// @param room  as from `encode_room`.
/// @param why   see `is_refusal_code`.
frame encode_change(std::string_view room, std::string_view why,
                    bool binary = false);

/// Encodes a hello or an advice.
/// @param what  `kind::hello` or `kind::advice`.
/// @param x     an object. Bytes in its strings that are not UTF-8 are
/// replaced.
frame encode_json(kind what, const nlohmann::json& x, bool binary = false);

/// Encodes a beat or a probe.
/// @param what  `kind::beat` or `kind::probe`.
frame encode_sign(kind what, bool binary = false);

} // namespace troupe::protocol2
