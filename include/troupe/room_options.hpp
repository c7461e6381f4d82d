#pragma once

#include "troupe/codec.hpp"
#include "troupe/fwd.hpp"
#include "troupe/reply.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <string>

namespace troupe {

/// What clients of protocol version 2 may do with the rooms of a pattern (see
/// `server::rooms`).
struct room_options {
  /// If true, clients may join these rooms by themselves, and leave them.
  /// Otherwise only the program does this for them.
  bool clients_join = true;

  /// If true, members may publish events in these rooms, which all other
  /// members receive.
  bool clients_publish = false;

  /// Decides about the join of a client. The result is the answer that the
  /// client gets, or why it may not join. Takes the connection, the room and
  /// the value that the client sends along. Called on the thread of the
  /// connection; must not block. If it throws, the join is refused with
  /// `failed`. Not called for names that no room can have. If not set, every
  /// client may join.
  std::function<reply<nlohmann::json>(connection&, const std::string&,
                                      const event_view&)>
    on_join = nullptr;
};

} // namespace troupe
