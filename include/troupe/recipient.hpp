#pragma once

#include "troupe/inspect.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

/// Every connection: `c.to(all)` (C49).
struct all_t {};
inline constexpr all_t all;

/// Every connection but the sender: `c.to(broadcast)` (C50).
struct broadcast_t {};
inline constexpr broadcast_t broadcast;

/// To whom a message is sent, from an emitter to the protocol between nodes.
/// Ids of connections and rooms are two kinds of names: `connection` never
/// addresses a room, `room` never a connection. A name that comes from outside
/// never addresses everyone, whatever it is: an empty one addresses nobody.
struct recipient {
  enum class kind : uint8_t {
    everyone,   ///< Every connection; `name` is ignored.
    any,        ///< The connection with the id `name`, else that room (C41).
    connection, ///< The connection with the id `name`.
    room,       ///< The members of the room `name`.
  };

  static constexpr size_t kinds = 4;

  kind what = kind::any;
  std::string name;
  bool skip_sender = false; ///< Leaves the sender out, if it is among them.

  recipient() = default;

  recipient(kind to, std::string to_name, bool but_sender = false)
    : what(to),
      name(std::move(to_name)),
      skip_sender(but_sender) {
  }

  recipient(all_t) : what(kind::everyone) {
  }

  recipient(broadcast_t) : what(kind::everyone), skip_sender(true) {
  }

  /// The same as `any`.
  recipient(std::string to_name) : name(std::move(to_name)) {
  }

  recipient(const char* to_name) : name(to_name) {
  }

  static recipient any(std::string_view id_or_room) {
    return {kind::any, std::string{id_or_room}};
  }

  static recipient connection(std::string_view id) {
    return {kind::connection, std::string{id}};
  }

  static recipient room(std::string_view room_name) {
    return {kind::room, std::string{room_name}};
  }

  recipient except_sender() const& {
    return {what, name, true};
  }

  recipient except_sender() && {
    return {what, std::move(name), true};
  }

  friend bool operator==(const recipient&, const recipient&) = default;
};

TROUPE_INSPECT(troupe, recipient, x.what, x.name, x.skip_sender)

} // namespace troupe
