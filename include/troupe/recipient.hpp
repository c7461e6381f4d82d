#pragma once

#include "troupe/inspect.hpp"
#include "troupe/literal.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

/// Maximum length of an id or of the name of a room in bytes.
inline constexpr size_t max_name_size = 255;

/// Name of "everyone but me" in the Go package (C50). Neither an id nor the
/// name of a room.
inline constexpr std::string_view go_broadcast = ";to;all;except;me;";

/// Returns whether `name` has the size of an id or of the name of a room and is
/// not reserved.
constexpr bool is_plain_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= max_name_size && name != go_broadcast;
}

/// Refers to the name of a room in the source, such as `"lobby"`.
using room_literal = literal<is_plain_name>;

/// Tag for every connection: `c.to(all)` (C49).
struct all_t {};
inline constexpr all_t all;

/// Tag for every connection except the sender: `c.to(broadcast)` (C50).
struct broadcast_t {};
inline constexpr broadcast_t broadcast;

/// Addresses the receivers of a message. Ids of connections and names of rooms
/// are separate: `connection` never addresses a room, and `room` never a
/// connection. No name addresses everyone, whatever its content; an empty name
/// addresses nobody.
struct recipient {
  /// Kinds of recipients.
  enum class kind : uint8_t {
    everyone,   ///< Every connection; `name` is ignored.
    any,        ///< The connection `name`, else the room `name` (C41).
    connection, ///< The connection with the id `name`.
    room,       ///< The members of the room `name`.
  };

  /// Number of enumerators of `kind`.
  static constexpr size_t kinds = 4;

  kind what = kind::any;
  std::string name;
  bool skip_sender = false; ///< If true, the sender is excluded.

  /// Creates a recipient that addresses nobody.
  recipient() = default;

  /// Creates a recipient from its members.
  recipient(kind to, std::string to_name, bool but_sender = false)
    : what(to),
      name(std::move(to_name)),
      skip_sender(but_sender) {
  }

  /// Addresses every connection.
  recipient(all_t) : what(kind::everyone) {
  }

  /// Addresses every connection except the sender.
  recipient(broadcast_t) : what(kind::everyone), skip_sender(true) {
  }

  /// Same as `any`.
  recipient(std::string to_name) : name(std::move(to_name)) {
  }

  /// Same as `any`.
  recipient(const char* to_name) : name(to_name) {
  }

  /// Addresses the connection with this id if there is one on any node, else
  /// the room of this name (C41).
  static recipient any(std::string_view id_or_room) {
    return {kind::any, std::string{id_or_room}};
  }

  /// Addresses the connection with this id on any node.
  static recipient connection(std::string_view id) {
    return {kind::connection, std::string{id}};
  }

  /// Addresses the members of a room on all nodes.
  static recipient room(std::string_view room_name) {
    return {kind::room, std::string{room_name}};
  }

  /// Returns the same recipient without the sender.
  recipient except_sender() const& {
    return {what, name, true};
  }

  /// Returns the same recipient without the sender.
  recipient except_sender() && {
    return {what, std::move(name), true};
  }

  friend bool operator==(const recipient&, const recipient&) = default;
};

TROUPE_INSPECT(troupe, recipient, x.what, x.name, x.skip_sender)

} // namespace troupe
