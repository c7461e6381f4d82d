#pragma once

#include "troupe/fwd.hpp"

#include <caf/error.hpp>

#include <cstdint>
#include <string>

namespace troupe {

/// Error codes of troupe, the codes of `caf::error` values from `make_error`.
/// `what` renders them as text.
enum class errc : uint8_t {
  /// A message starts with the event prefix, but is not a well-formed event
  /// (C55).
  malformed_event = 1,
  /// The type tag of an event is not 0 to 4 (C52).
  unknown_type_tag,
  /// A payload does not match its type tag (C54), or a value has no wire
  /// format.
  invalid_value,
  /// An event name is empty, longer than 255 bytes, not UTF-8, or contains ';'
  /// (C52).
  invalid_event_name,
  /// The type of a payload does not fit the parameter of the handler (C34).
  type_mismatch,
  /// A handler threw an exception; only the message that it handled is lost
  /// (C48).
  handler_failed,
  /// The name is not allowed for a room: empty, reserved, longer than 255
  /// bytes, not UTF-8, or of the form of a default id (C50).
  reserved_name,
  /// The id is empty, reserved, longer than 255 bytes, not UTF-8, or a default
  /// id of another node (C1).
  invalid_id,
  /// Another connection has this id (C31).
  id_taken,
  /// The connection is closing or closed (C45), or the server stops.
  already_disconnected,
  /// There is no connection, room or registered actor of this name.
  no_such_name,
  /// A message exceeds `config::max_message_size` (C10), or a control frame
  /// exceeds 125 bytes.
  message_too_big,
  /// The peer violated RFC 6455 or RFC 7692.
  protocol_violation,
  /// The connection ended without a closing handshake.
  connection_lost,
  /// The peer closed with a code other than 1000 and 1001 (C37).
  closed_by_peer,
  /// No pong or other frame arrived within `config::pong_timeout` (C8).
  pong_timeout,
  /// No message or pong arrived within `config::read_timeout` (C7).
  read_timeout,
  /// A write made no progress within `config::write_timeout` (C6).
  write_timeout,
  /// The peer reads too slowly: its send queue is full (C60). Also the reason
  /// of `member_removed`.
  slow_receiver,
  /// The address of a listener or of a node is not available.
  cannot_listen,
  /// A setting is invalid.
  invalid_config,
  /// The actor system does not use the scheduler of troupe: see
  /// `runtime_config`.
  foreign_runtime,
  /// A blocking function was called on a runtime thread.
  would_block,
  /// No response arrived in time, the server has stopped, or too many questions
  /// were open.
  no_answer,
  /// There is no node of this name or at this address, or it refused this one.
  no_such_node,
  /// An HTTP request was refused as a WebSocket handshake (C19).
  handshake_refused,
  /// Messages to a slow client were dropped (C60).
  messages_dropped,
  /// An error that the application reported by `connection::fire_on_error`
  /// (C37).
  application_error,
  /// Another live actor of this node is registered under this name.
  name_taken,
  /// A connection was closed with a code other than 1000; see `to_down_reason`.
  closed,
  /// A `connection`, or an emitter of it, was used on another thread or outside
  /// of a callback of this connection.
  outside_callback,
  /// A connection would exceed `config::max_rooms_per_connection`, or a server
  /// `config::max_rooms`.
  too_many_rooms,
  /// A callback of a connection, or the users of a server, would exceed
  /// `config::max_output_bytes`.
  too_much_output,
  /// The client sent more per second than `config::max_messages_per_second`,
  /// `config::max_bytes_per_second` or `config::max_control_frames_per_second`
  /// permits.
  rate_exceeded,
  /// An actor refused a request of a client: see `refuse_with`. Or a room was
  /// left before it had added the connection.
  refused,
};

/// Close codes of WebSocket connections (RFC 6455 section 7.4 and the IANA
/// registry). Clients should reconnect after going_away, abnormal,
/// internal_error, service_restart and try_again_later, after the last two with
/// a delay. After the other codes a new attempt fails in the same way.
enum class close_code : uint16_t {
  normal = 1000,           ///< The connection has fulfilled its purpose.
  going_away = 1001,       ///< The server stops or the user leaves the page.
  protocol_error = 1002,   ///< The peer violated the protocol.
  unsupported_data = 1003, ///< The kind of data is not supported.
  no_status = 1005,        ///< Not on the wire: a close frame without code.
  abnormal = 1006,         ///< Not on the wire: no close frame.
  invalid_payload = 1007,  ///< Invalid UTF-8 or compressed data.
  policy_violation = 1008, ///< The application or a setting refused it.
  message_too_big = 1009,  ///< The message is too large.
  internal_error = 1011,   ///< The server failed.
  service_restart = 1012,  ///< The server restarts.
  try_again_later = 1013,  ///< Overload or a slow receiver.
};

/// Describes how a connection ended (C39).
struct close_info {
  close_code code = close_code::abnormal;
  std::string reason;   ///< From a peer: UTF-8, at most 123 bytes.
  bool by_peer = false; ///< True if the peer closed or vanished.
  caf::error cause;     ///< None after a normal end (C37).
};

/// Returns the exit reason that an actor monitoring a connection receives in
/// its `caf::down_msg`, on any node. It contains the close code and the reason.
/// @returns none if the connection closed with 1000 or without code; otherwise
///          the code of `how.cause`, or errc::closed.
caf::error to_down_reason(const close_info& how);

/// Returns how a connection ended, from the reason in its `caf::down_msg`.
/// @returns the close code, the reason and the cause. The code is 1006 if the
///          reason is not that of a connection, or if the node of the
///          connection is down.
close_info to_close_info(const caf::error& down_reason);

/// Creates an error.
/// @param code     the error code.
/// @param context  names the value or the peer that the error is about; may be
///                 empty.
caf::error make_error(errc code, std::string context = {});

/// Returns a short English description of `code`.
const char* to_string(errc code) noexcept;

/// Renders any `caf::error` without an actor system: the codes of troupe and
/// CAF as text, followed by the context.
std::string what(const caf::error& err);

} // namespace troupe
