#pragma once

#include <troupe/error.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// What the page and the server say to each other: one struct per event that
/// carries more than a string. README.md has the table.

namespace chat {

/// Marks our messages as events.
inline constexpr const char* event_prefix = "m:";

// -- limits -------------------------------------------------------------------

inline constexpr size_t max_nick = 24;         ///< Code points.
inline constexpr size_t max_room = 32;         ///< Code points, '#' included.
inline constexpr size_t max_text = 2000;       ///< Code points.
inline constexpr size_t max_history = 50;      ///< Messages kept per room.
inline constexpr size_t max_rooms = 100;       ///< On the server.
inline constexpr size_t max_rooms_of_one = 20; ///< Of one guest.

/// The close code for a page whose nickname goes on elsewhere: it must not come
/// back by itself.
inline constexpr troupe::close_code taken_over{4001};

/// The rooms that are always there.
inline constexpr const char* standing_rooms[] = {"#lobby", "#random",
                                                 "#troupe"};

/// The nicknames of programs that take part, which no guest can have.
inline constexpr const char* moderator = "Moderator";
inline constexpr const char* word_counter = "Word counter";
inline constexpr const char* bots[] = {moderator, word_counter};

// -- from the page ------------------------------------------------------------

/// `nick`: I want to be called so.
struct naming {
  std::string nick;
  std::string key; ///< Known to this page only: proves who comes back.
};

/// `say`: something for a room.
struct saying {
  std::string room;
  std::string text;
  std::string id; ///< Made up by the page, which so knows its own again.
};

/// `whisper`: something for one other person.
struct whispering {
  std::string to; ///< A nickname.
  std::string text;
  std::string id;
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(naming, nick, key)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(saying, room, text, id)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(whispering, to, text, id)

// -- to the page --------------------------------------------------------------

/// `hello`: the limit that the page should know.
struct hello {
  size_t text = max_text;
};

/// `welcome`: you are called so. `who` is the id of the connection.
struct person {
  std::string who;
  std::string nick;
};

/// One line of `rooms`, the list of all rooms.
struct room_count {
  std::string name;
  size_t here = 0; ///< How many are in it.
};

/// `message`: somebody said something in a room.
struct message {
  std::string room;
  std::string id;
  std::string who;
  std::string nick;
  std::string text;
  int64_t time = 0; ///< The server's, in milliseconds since 1970.
};

/// `room`: you are in, this is who is here and what was said before.
struct room_state {
  std::string name;
  std::vector<person> here;
  std::vector<message> messages;
};

/// `entered`, `left`, `renamed`, `typing`: what somebody does in a room.
struct presence {
  std::string room;
  std::string who;
  std::string nick;
};

/// `whisper`: somebody said something to one other person.
struct private_message {
  std::string id;
  std::string from; ///< A nickname, like `to`.
  std::string to;
  std::string text;
  int64_t time = 0;
};

/// `refused`: what you asked for was not done.
struct refusal {
  std::string about; ///< The nickname, the room or the message's id.
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
