#pragma once

#include "troupe/codec.hpp"
#include "troupe/frame.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// @file
///
/// Wire format, version 2: docs/protocol-2.md has the grammar,
/// tests/data/protocol2_vectors.json examples of each case. All functions are
/// pure, total and thread-safe, and do not throw.

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

/// Maximum length of a code in bytes.
inline constexpr size_t max_code_size = 64;

/// Result of `parse`.
enum class status : uint8_t {
  valid,
  unknown,   ///< The kind is unknown; the message is ignored.
  malformed, ///< The message matches no rule of its kind.
};

/// Refers to the parts of a message. Valid as long as the bytes that were
/// parsed. Parts that the kind does not have are empty.
struct message_view {
  protocol2::status status = protocol2::status::unknown;
  protocol2::kind kind = {};
  uint64_t id = 0;       ///< Of a malformed message: 0 if it is not readable.
  std::string_view room; ///< As on the wire: see `decode_room`.
  std::string_view code; ///< Of an error; of a change: why.
  /// The name, tag and payload of an event or a request; tag and payload of an
  /// answer, an error or a join.
  event_view value;
  std::string_view text; ///< The JSON of a hello or an advice; a raw message.
};

/// Splits a message into its parts. Does not decode payloads and JSON, and does
/// not allocate memory.
message_view parse(std::string_view message) noexcept;

/// Returns the name of a room that `room` stands for.
/// @returns none if `room` is empty or longer than 255 bytes when decoded, is
///          not UTF-8, or has a '%' that does not begin "%25" or "%3B".
std::optional<std::string> decode_room(std::string_view room);

/// Returns `room` as it is written in messages.
std::string encode_room(std::string_view room);

/// Returns whether `x` is 1 to 64 of the characters a-z, 0-9 and '_'.
bool is_code(std::string_view x) noexcept;

// -- encoding -----------------------------------------------------------------
//
// Values are in wire format and valid. A message is binary if a value is bytes
// or text that is not UTF-8, or if `binary` is true.

/// Encodes an event.
/// @param room  as from `encode_room`; empty for none.
frame encode_event(std::string_view room, const event_view& x,
                   bool binary = false);

/// Encodes a message of version 1 that was published to `room`: an event if it
/// is one with `prefix`, else a raw message.
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
/// @param code  see `is_code`.
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
/// @param why   see `is_code`.
frame encode_change(std::string_view room, std::string_view why,
                    bool binary = false);

/// Encodes a hello or an advice.
/// @param what  `kind::hello` or `kind::advice`.
frame encode_json(kind what, const nlohmann::json& x, bool binary = false);

/// Encodes a beat or a probe.
/// @param what  `kind::beat` or `kind::probe`.
frame encode_sign(kind what, bool binary = false);

} // namespace troupe::protocol2
