#pragma once

#include <troupe/codec.hpp>
#include <troupe/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// Messages between the page and the server: one struct per event that carries
/// more than a string. README.md has a table.

namespace chat {

/// Identifies events.
inline constexpr const char* event_prefix = "m:";

// -- limits -------------------------------------------------------------------

inline constexpr size_t max_nick = 24;         ///< Code points.
inline constexpr size_t max_room = 32;         ///< Code points, '#' included.
inline constexpr size_t max_text = 2000;       ///< Code points.
inline constexpr size_t max_history = 50;      ///< Messages kept per room.
inline constexpr size_t max_rooms = 100;       ///< Of the server.
inline constexpr size_t max_rooms_of_one = 20; ///< Per guest.

/// Close code when another page has taken over the nickname. The page must not
/// reconnect by itself.
inline constexpr troupe::close_code taken_over{4001};

/// Rooms that always exist.
inline constexpr const char* standing_rooms[] = {"#lobby", "#random",
                                                 "#troupe"};

/// Nicknames of bots, which guests cannot have.
inline constexpr const char* moderator = "Moderator";
inline constexpr const char* word_counter = "Word counter";
inline constexpr const char* bots[] = {moderator, word_counter};

// -- from the page ------------------------------------------------------------

/// `nick`: requests a nickname.
struct naming {
  std::string nick;
  std::string key; ///< Known to this page only; permits returning under the
                   ///< same nickname.
};

/// `say`: a message for a room.
struct saying {
  std::string room;
  std::string text;
  std::string id; ///< Chosen by the page, to recognize its own messages.
};

/// `whisper`: a message for another guest.
struct whispering {
  std::string to; ///< A nickname.
  std::string text;
  std::string id;
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(naming, nick, key)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(saying, room, text, id)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(whispering, to, text, id)

// -- to the page --------------------------------------------------------------

/// `hello`: limits for the page.
struct hello {
  size_t text = max_text;
};

/// `welcome`: the assigned nickname. `who` is the id of the connection. Also an
/// element of `room_state`.
struct person {
  std::string who;
  std::string nick;
};

/// An element of `rooms`, the list of all rooms.
struct room_count {
  std::string name;
  size_t here = 0; ///< Number of guests in it.
};

/// `message`: a message in a room.
struct message {
  std::string room;
  std::string id;
  std::string who;
  std::string nick;
  std::string text;
  int64_t time = 0; ///< The server's time, in milliseconds since 1970.
};

/// `room`: sent after joining; lists the guests and the last messages.
struct room_state {
  std::string name;
  std::vector<person> here;
  std::vector<message> messages;
};

/// `entered`, `left`, `renamed`, `typing`: an action of a guest in a room.
struct presence {
  std::string room;
  std::string who;
  std::string nick;
};

/// `whisper`: a message from one guest to another.
struct private_message {
  std::string id;
  std::string from; ///< A nickname, as `to` is.
  std::string to;
  std::string text;
  int64_t time = 0;
};

/// `refused`: a request was refused.
struct refusal {
  std::string about; ///< The nickname, the room or the message id.
  std::string reason;
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(hello, text)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(person, who, nick)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(room_count, name, here)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(message, room, id, who, nick, text, time)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(room_state, name, here, messages)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(presence, room, who, nick)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(private_message, id, from, to, text, time)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(refusal, about, reason)

} // namespace chat
