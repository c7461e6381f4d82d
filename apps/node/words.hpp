#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace chat {

/// The words of a text, in small letters: what blanks and ASCII's punctuation
/// divide.
std::vector<std::string> words_of(std::string_view text);

} // namespace chat
