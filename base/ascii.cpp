#include "base/ascii.hpp"

#include <algorithm>

namespace troupe::base {

namespace {

char to_lower(char x) {
  return x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x;
}

/// Returns the value of a hexadecimal digit, or -1 for any other character.
int digit(char x) {
  if (x >= '0' && x <= '9')
    return x - '0';
  x = to_lower(x);
  return x >= 'a' && x <= 'f' ? x - 'a' + 10 : -1;
}

std::string decode(std::string_view x, char space) {
  std::string result;
  result.reserve(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    auto high = x[i] == '%' && i + 2 < x.size() ? digit(x[i + 1]) : -1;
    auto low = high >= 0 ? digit(x[i + 2]) : -1;
    if (low >= 0) {
      result += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      result += x[i] == space ? ' ' : x[i];
    }
  }
  return result;
}

} // namespace

std::string_view split_off(std::string_view& text, char delimiter) noexcept {
  auto pos = text.find(delimiter);
  auto result = text.substr(0, pos);
  text.remove_prefix(pos == text.npos ? text.size() : pos + 1);
  return result;
}

std::string_view trim(std::string_view x) noexcept {
  constexpr auto blanks = " \t\r\n";
  auto begin = x.find_first_not_of(blanks);
  if (begin == x.npos)
    return {};
  return x.substr(begin, x.find_last_not_of(blanks) - begin + 1);
}

std::string to_lower(std::string_view x) {
  std::string result{x};
  for (auto& c : result)
    c = to_lower(c);
  return result;
}

bool equal_without_case(std::string_view x, std::string_view y) noexcept {
  return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                    [](char a, char b) { return to_lower(a) == to_lower(b); });
}

std::string percent_decode(std::string_view x) {
  return decode(x, ' ');
}

std::string form_decode(std::string_view x) {
  return decode(x, '+');
}

bool is_token_char(char x) noexcept {
  auto lower = to_lower(x);
  return (lower >= 'a' && lower <= 'z') || (x >= '0' && x <= '9')
         || std::string_view{"!#$%&'*+-.^_`|~"}.find(x)
              != std::string_view::npos;
}

bool is_token(std::string_view x) noexcept {
  return !x.empty() && std::ranges::all_of(x, is_token_char);
}

bool list_contains(std::string_view list, std::string_view element) noexcept {
  while (!list.empty())
    if (equal_without_case(trim(split_off(list, ',')), element))
      return true;
  return false;
}

} // namespace troupe::base
