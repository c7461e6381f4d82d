#pragma once

#include "troupe/codec.hpp"
#include "troupe/frame.hpp"
#include "troupe/recipient.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace troupe {

namespace actors {

class publish_target;

} // namespace actors

/// Sends events and messages to a `recipient` (C41, C42). One that a connection
/// made is valid only while its handler runs (see `connection`), and what it
/// sends keeps its order across all emitters of that connection (C58). One that
/// a server made is valid as long as the server and on any thread; what one
/// thread sends by those keeps its order. What was sent stays sent, whatever
/// its sender does next: leave, disconnect (C59). One of a `publisher` is valid
/// as long as that, for its actor. Sending to an empty room or to a connection
/// that has ended is not an error (C44, C61).
class emitter {
public:
  /// Sends an event without data.
  /// @returns none, or errc::invalid_event_name, errc::invalid_value.
  caf::error emit(std::string_view event) {
    return emit_wire(event, to_wire());
  }

  /// Sends an event; see `to_wire` for how a value travels.
  template <class T>
  caf::error emit(std::string_view event, const T& data) {
    return emit_wire(event, to_wire(data));
  }

  /// Sends a text message that is not an event.
  /// @returns none, or errc::invalid_value if `text` is not UTF-8.
  caf::error send_text(std::string_view text);

  /// Sends a binary message.
  void send_binary(std::string_view bytes);

  /// Sends a message as it is, without a copy.
  void send(const frame& message);

  /// The contract's name for sending what is not an event (C42): text if
  /// `bytes` are UTF-8, else binary. Prefer `send_text` or `send_binary`, whose
  /// receivers know what they get.
  void emit_message(std::string_view bytes);

  /// The same as `send`.
  void emit_message(const frame& message) {
    send(message);
  }

protected:
  friend class server;

  emitter(actors::publish_target& from, recipient to)
    : from_(&from),
      to_(std::move(to)) {
  }

  actors::publish_target* from_;
  recipient to_;

private:
  caf::error emit_wire(std::string_view event, const wire_value& data);
};

/// The emitter of a connection, which may be left out of what it sends.
class connection_emitter : public emitter {
public:
  /// Leaves the connection itself out, whomever else this addresses.
  connection_emitter except_me() && {
    to_.skip_sender = true;
    return std::move(*this);
  }

private:
  friend class connection;

  using emitter::emitter;
};

/// The emitter of any other actor (see `publisher`), which may be left out as
/// well.
class actor_emitter : public emitter {
public:
  /// Leaves the actor itself out of the room that this addresses.
  actor_emitter except_me() && {
    to_.skip_sender = true;
    return std::move(*this);
  }

private:
  friend class publisher;

  using emitter::emitter;
};

} // namespace troupe
