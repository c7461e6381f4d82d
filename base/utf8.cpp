#include "base/utf8.hpp"

#include "troupe/frame.hpp"

#include <utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace troupe {

namespace {

bool is_ascii(char c) noexcept {
  return static_cast<signed char>(c) >= 0;
}

/// Skips ASCII eight bytes at a time, since most text is ASCII.
const char* skip_ascii(const char* i, const char* end) noexcept {
  constexpr uint64_t high_bits = 0x8080808080808080;
  while (end - i >= 8) {
    uint64_t word;
    std::memcpy(&word, i, 8);
    if ((word & high_bits) != 0)
      break;
    i += 8;
  }
  return std::find_if_not(i, end, is_ascii);
}

/// Returns whether `x`, of less than 16 bytes, is ASCII.
bool is_short_ascii(std::string_view x) noexcept {
  // Two words that may overlap cover all bytes.
  auto both = [&](auto word) {
    auto other = word;
    std::memcpy(&word, x.data(), sizeof(word));
    std::memcpy(&other, x.data() + x.size() - sizeof(word), sizeof(word));
    return static_cast<decltype(word)>(word | other);
  };
  if (x.size() >= 8)
    return (both(uint64_t{}) & 0x8080808080808080) == 0;
  if (x.size() >= 4)
    return (both(uint32_t{}) & 0x80808080) == 0;
  return std::all_of(x.begin(), x.end(), is_ascii);
}

} // namespace

bool is_utf8(std::string_view x) noexcept {
  if (x.size() < 16 && is_short_ascii(x)) // Most names.
    return true;
  const auto* i = x.data();
  const auto* end = i + x.size();
  // No character contains both ASCII and other bytes, so each run of non-ASCII
  // bytes is checked separately.
  while ((i = skip_ascii(i, end)) != end) {
    const auto* run_end = std::find_if(i, end, is_ascii);
    if (!utf8::is_valid(i, run_end))
      return false;
    i = run_end;
  }
  return true;
}

namespace base {

namespace {

bool is_continuation(char c) noexcept {
  return (c & 0xc0) == 0x80;
}

/// Returns the size of the character that begins with `c`.
size_t character_size(char c) noexcept {
  auto byte = static_cast<uint8_t>(c);
  return byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

} // namespace

size_t whole_characters(std::string_view x) noexcept {
  for (size_t n = 1; n <= std::min<size_t>(3, x.size()); ++n)
    if (auto c = x[x.size() - n]; !is_continuation(c))
      return character_size(c) > n ? x.size() - n : x.size();
  return x.size();
}

bool may_begin_character(std::string_view x) noexcept {
  if (x.empty())
    return true;
  auto size = character_size(x[0]);
  // The valid second bytes after a first byte form a range that contains 0x80
  // or 0xbf (RFC 3629 section 4).
  for (auto filling : {'\x80', '\xbf'}) {
    std::array<char, 4> whole;
    whole.fill(filling);
    std::ranges::copy(x.substr(0, whole.size()), whole.begin());
    if (x.size() < size && is_utf8({whole.data(), size}))
      return true;
  }
  return false;
}

} // namespace base

} // namespace troupe
