#pragma once

#include "troupe/fwd.hpp"

#include <caf/error.hpp>

#include <cstdint>
#include <string>

namespace troupe {

/// What can go wrong. Travels as `caf::error`; `what()` puts it into words.
enum class errc : uint8_t {
  /// A message has the event prefix but not the event grammar (C55).
  malformed_event = 1,
  /// An event names a type tag other than 0 to 4 (C52).
  unknown_type_tag,
  /// A payload is no value of the type its tag announces (C54).
  invalid_value,
  /// An event name is empty, too long or holds a ';' (C52).
  invalid_event_name,
  /// A handler's parameter cannot take the value that came (C34).
  type_mismatch,
  /// A handler threw; only the message it handled is lost (C48).
  handler_failed,
  /// A name that no room may carry: empty, reserved, too long, or an id (C50).
  reserved_name,
  /// An id that is empty, too long or reserved (C1).
  invalid_id,
  /// Another connection has this id already (C31).
  id_taken,
  /// The connection is gone, or told to go (C45).
  already_disconnected,
  /// Neither a connection nor a room has this name.
  no_such_name,
  /// A message is larger than `config::max_message_size` (C10).
  message_too_big,
  /// The peer broke RFC 6455 or RFC 7692.
  protocol_violation,
  /// The connection ended without a closing handshake.
  connection_lost,
  /// The peer closed with another code than 1000, 1001 or none (C37).
  closed_by_peer,
  /// No pong, nor anything else, within `config::pong_timeout` (C8).
  pong_timeout,
  /// No message within `config::read_timeout` (C7).
  read_timeout,
  /// A write made no progress for `config::write_timeout` (C6).
  write_timeout,
  /// The peer reads too slowly: its send queue is full (C60).
  slow_receiver,
  /// The listener could not get its address.
  cannot_listen,
  /// A setting is out of its range.
  invalid_config,
  /// The actor system lacks troupe's scheduler: use `runtime_config`.
  foreign_runtime,
  /// A blocking call on a runtime thread, which would wait for itself.
  would_block,
  /// No answer came in time, or too many questions had none yet.
  no_answer,
  /// There is no node at an address, or none that lets us in.
  no_such_node,
  /// The HTTP request was no handshake that this server takes (C19).
  handshake_refused,
  /// Messages to a slow client were dropped (C60).
  messages_dropped,
  /// `fire_on_error` with a text of the application's own (C37).
  application_error,
  /// Another live actor of this node has the name already.
  name_taken,
  /// A connection was closed with a code other than 1000.
  closed,
  /// A `connection`, or an emitter of one, was used on another thread or after
  /// its callback had returned.
  outside_callback,
  /// A connection is in `config::max_rooms_per_connection` rooms, or a server
  /// has `config::max_rooms`.
  too_many_rooms,
  /// A callback made a connection send more than `config::max_output_bytes`.
  too_much_output,
};

/// Why a WebSocket connection ends (RFC 6455 section 7.4 and the IANA
/// registry). A client should reconnect after going_away, abnormal,
/// internal_error, service_restart and try_again_later, the last two with a
/// delay; after the others the same attempt would fail the same way.
enum class close_code : uint16_t {
  normal = 1000,           ///< The purpose is fulfilled.
  going_away = 1001,       ///< A server stops or a page is left.
  protocol_error = 1002,   ///< The peer broke the protocol.
  unsupported_data = 1003, ///< A kind of data that cannot be accepted.
  no_status = 1005,        ///< The close frame had no code; never sent.
  abnormal = 1006,         ///< No close frame at all; never sent.
  invalid_payload = 1007,  ///< Text that is no UTF-8, or broken deflate data.
  policy_violation = 1008, ///< Refused for a reason of the application.
  message_too_big = 1009,  ///< Larger than the receiver takes.
  internal_error = 1011,   ///< The server failed.
  service_restart = 1012,  ///< The server restarts.
  try_again_later = 1013,  ///< Overload, or a receiver that is too slow.
};

/// How a connection ended (C39).
struct close_info {
  close_code code = close_code::abnormal;
  std::string reason;   ///< UTF-8, at most 123 bytes.
  bool by_peer = false; ///< True if the other side began the closing.
  caf::error cause;     ///< Set unless the end was a normal one (C37).
};

/// What the `down` of a connection says to whom monitors it, on any node: the
/// close code and the reason. None after a normal end (1000, or no code).
caf::error to_down_reason(const close_info& how);

/// How a connection ended, read from its `down`. Code 1006 if it was no
/// connection's, or one whose node is gone.
close_info to_close_info(const caf::error& down_reason);

/// Makes an error; `context` says which value or peer is meant.
caf::error make_error(errc code, std::string context = {});

/// The error's meaning as one English phrase.
const char* to_string(errc code) noexcept;

/// Renders any error without an actor system: ours in words, others as CAF
/// prints them.
std::string what(const caf::error& err);

} // namespace troupe
