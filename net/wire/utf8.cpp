#include "net/wire/utf8.hpp"

#include <utf8.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace troupe::net {

namespace {

bool is_ascii(char c) noexcept {
  return static_cast<signed char>(c) >= 0;
}

/// Skips ASCII eight bytes at a time: most of what is sent is nothing else.
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

} // namespace

bool is_utf8(std::string_view x) noexcept {
  const auto* i = x.data();
  const auto* end = i + x.size();
  // No character mixes ASCII and other bytes, so each run stands for itself.
  while ((i = skip_ascii(i, end)) != end) {
    const auto* run_end = std::find_if(i, end, is_ascii);
    if (!utf8::is_valid(i, run_end))
      return false;
    i = run_end;
  }
  return true;
}

} // namespace troupe::net
