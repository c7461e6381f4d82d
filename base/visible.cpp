#include "base/visible.hpp"

#include <utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <string>

namespace troupe::base {

namespace {

struct range {
  uint32_t first;
  uint32_t last;
};

/// Unicode's control and format characters (Cc, Cf) that affect text in any
/// script, and line and paragraph separators. Sorted.
constexpr std::array hidden{
  range{0x00, 0x1f},       // C0
  range{0x7f, 0x9f},       // DEL, C1
  range{0xad, 0xad},       // soft hyphen
  range{0x61c, 0x61c},     // Arabic letter mark
  range{0x180e, 0x180e},   // Mongolian vowel separator
  range{0x200b, 0x200f},   // zero width, marks of direction
  range{0x2028, 0x202e},   // separators, embeddings, overrides
  range{0x2060, 0x206f},   // word joiner, isolates, deprecated
  range{0xfeff, 0xfeff},   // byte order mark
  range{0xfff9, 0xfffb},   // interlinear annotation
  range{0xe0000, 0xe007f}, // tags
};

bool is_hidden(uint32_t point) {
  return std::ranges::any_of(hidden, [point](const range& x) {
    return x.first <= point && point <= x.last;
  });
}

void append_number(std::string& to, const char* form, unsigned number) {
  std::array<char, 16> text;
  std::snprintf(text.data(), text.size(), form, number);
  to += text.data();
}

} // namespace

std::string visible(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  const auto* i = text.data();
  const auto* end = i + text.size();
  while (i != end) {
    const auto* broken = utf8::find_invalid(i, end);
    while (i != broken) {
      const auto* first = i;
      auto point = utf8::unchecked::next(i);
      if (!is_hidden(point))
        result.append(first, i);
      else
        append_number(result, point < 0x80 ? "\\x%02x" : "\\u{%x}", point);
    }
    if (i != end)
      append_number(result, "\\x%02x", static_cast<unsigned char>(*i++));
  }
  return result;
}

} // namespace troupe::base
