#pragma once

#include "troupe/codec.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace troupe {

namespace actors {

class outlet;

/// Whom an emitter reaches.
enum class audience : uint8_t {
  self,           ///< The connection's own client.
  everyone,       ///< Every connection (C49).
  others,         ///< Every connection but this one (C50).
  name,           ///< The connection with this id, else the room (C41).
  one_connection, ///< The connection with this id.
  room,           ///< The room of this name.
  room_others,    ///< The room of this name, without this connection.
};

} // namespace actors

/// Sends events and messages to an audience (C41, C42). One that a connection
/// made is good only while its handler runs (see `connection`), and what it
/// sends keeps its order across all emitters of that connection (C58). One that
/// a server made is good as long as the server and for any thread; what one
/// thread sends by those keeps its order. What was sent stays sent, whatever
/// its sender does next: leave, disconnect (C59). Sending to nobody, or to who
/// is gone, is no error (C44, C61).
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

  /// Sends a message that is no event: text if it is UTF-8, else binary.
  void emit_message(std::string_view bytes);

  /// Sends a message as it is, without a copy.
  void emit_message(const frame& message);

  /// Leaves this connection out: the members of a room but me. No effect on a
  /// server's emitter.
  emitter except_me() &&;

private:
  friend class connection;
  friend class server;

  emitter(actors::outlet& from, actors::audience whom, std::string name = {})
    : from_(&from),
      whom_(whom),
      name_(std::move(name)) {
  }

  caf::error emit_wire(std::string_view event, const wire_value& data);

  actors::outlet* from_;
  actors::audience whom_;
  std::string name_;
};

} // namespace troupe
