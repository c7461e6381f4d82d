#pragma once

#include <string>
#include <string_view>

/// Validates and normalizes user input. All functions are pure and total.

namespace chat {

/// A valid text, or a message that explains why it is invalid.
struct checked {
  std::string value;
  std::string problem;

  explicit operator bool() const noexcept {
    return problem.empty();
  }
};

/// Checks a nickname: trims blanks, and joins inner blanks to one. At most
/// `max_nick` code points, none of them invisible.
checked check_nick(std::string_view raw);

/// Returns a nickname for a guest that cannot keep `nick`: with `mark`
/// appended.
/// @pre both are valid nicknames, and `mark` is short and ASCII.
std::string distinct_nick(std::string_view nick, std::string_view mark);

/// Checks the name of a room and normalizes it: `Tea Room` becomes `#tea-room`.
checked check_room(std::string_view raw);

/// Checks a message: removes trailing blanks, and control characters except tab
/// and line break. At most `max_text` code points.
checked check_text(std::string_view raw);

/// Returns whether `raw` is a valid message id: 8 to 40 letters, digits or '-'.
bool is_message_id(std::string_view raw);

/// Returns a string that is equal for nicknames that differ only in case.
std::string fold(std::string_view nick);

} // namespace chat
