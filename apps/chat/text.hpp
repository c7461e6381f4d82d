#pragma once

#include <string>
#include <string_view>

/// What people type, checked and tidied up. All functions are pure and total.

namespace chat {

/// A text that is fit for use, or a sentence that says why it is not.
struct checked {
  std::string value;
  std::string problem;

  explicit operator bool() const noexcept {
    return problem.empty();
  }
};

/// A nickname: blanks around it go, blanks within become one. At most
/// `max_nick` code points, none of them invisible.
checked check_nick(std::string_view raw);

/// A nickname for somebody who cannot keep `nick`: with `mark` at its end.
/// @pre both are nicknames, and `mark` is short and ASCII.
std::string distinct_nick(std::string_view nick, std::string_view mark);

/// A room's name, as it is known to all: `Tea Room` becomes `#tea-room`.
checked check_room(std::string_view raw);

/// What is said: blanks at the end go, control characters but tab and line
/// break as well. At most `max_text` code points.
checked check_text(std::string_view raw);

/// Whether a page may call a message so: 8 to 40 letters, digits or '-'.
bool is_message_id(std::string_view raw);

/// The same for all nicknames that people take for the same, whatever the case.
std::string fold(std::string_view nick);

} // namespace chat
