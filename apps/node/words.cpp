#include "words.hpp"

#include "chat/text.hpp"

#include <algorithm>

namespace chat {

std::vector<std::string> words_of(std::string_view text) {
  constexpr auto divides = " \t\n\r!\"#$%&()*+,./:;<=>?@[\\]^_`{|}~";
  auto folded = fold(text);
  std::vector<std::string> res;
  for (size_t begin = 0;;) {
    begin = folded.find_first_not_of(divides, begin);
    if (begin == std::string::npos)
      return res;
    auto end = folded.find_first_of(divides, begin);
    res.push_back(folded.substr(begin, end - begin));
    begin = std::min(end, folded.size());
  }
}

} // namespace chat
