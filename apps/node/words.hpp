#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace chat {

/// Returns the words of `text` in lower case, separated by blanks and ASCII
/// punctuation.
std::vector<std::string> words_of(std::string_view text);

} // namespace chat
