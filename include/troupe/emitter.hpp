#pragma once

#include "troupe/emit_mixin.hpp"
#include "troupe/frame.hpp"
#include "troupe/recipient.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace troupe {

namespace actors {

class publish_target;

} // namespace actors

/// Sends events and messages to a `recipient` (C41, C42). Lifetime, thread and
/// order depend on its origin:
///
/// - from a `connection`: valid in callbacks of this connection. Everything
///   that the connection sends by its emitters keeps its order (C58);
/// - from a `server`: valid on any thread as long as the server exists. What
///   one thread sends by the emitters of one server keeps its order;
/// - from a `publisher`: valid in its actor, as long as the publisher or a copy
///   of it exists.
///
/// Messages that were sent are delivered even if the sender leaves or
/// disconnects afterwards (C59). Sending to an empty room or a closed
/// connection is not an error (C44, C61). With `config::binary_messages`, text
/// is sent in binary frames.
class emitter : public emit_mixin<emitter> {
public:
  /// Sends a text message that is not an event.
  /// @returns none, or errc::invalid_value if `text` is not UTF-8. The emitter
  ///          of a connection also returns errc::outside_callback.
  [[nodiscard]] caf::error send_text(std::string_view text);

  /// Sends a binary message.
  void send_binary(std::string_view bytes);

  /// Sends `message`. The payload is not copied, unless
  /// `config::binary_messages` turns text to binary.
  void send(const frame& message);

  /// Sends a message that is not an event (C42): in a text frame if `bytes` are
  /// UTF-8, else in a binary frame.
  /// @note `send_text` and `send_binary` do not depend on the content.
  void emit_message(std::string_view bytes);

  /// Same as `send`.
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
  friend class emit_mixin<emitter>;

  caf::error emit_wire(std::string_view event, const wire_value& data);
};

/// Emitter of a connection, which can exclude that connection.
class connection_emitter : public emitter {
public:
  /// Excludes the connection itself from the recipients.
  connection_emitter except_me() && {
    to_.skip_sender = true;
    return std::move(*this);
  }

private:
  friend class connection;

  using emitter::emitter;
};

/// Emitter of an actor that is not a connection (see `publisher`), which can
/// exclude that actor.
class actor_emitter : public emitter {
public:
  /// Excludes the actor itself from the members of the room.
  actor_emitter except_me() && {
    to_.skip_sender = true;
    return std::move(*this);
  }

private:
  friend class publisher;

  using emitter::emitter;
};

} // namespace troupe
