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

/// Returns the byte of the escape that `x` begins with, such as `%41`, or -1 if
/// it begins with none.
int escaped(std::string_view x) {
  if (x.size() < 3 || x[0] != '%' || digit(x[1]) < 0 || digit(x[2]) < 0)
    return -1;
  return digit(x[1]) * 16 + digit(x[2]);
}

std::string decode(std::string_view x, char space) {
  std::string result;
  result.reserve(x.size());
  while (!x.empty()) {
    auto byte = escaped(x);
    if (byte >= 0)
      result += static_cast<char>(byte);
    else
      result += x.front() == space ? ' ' : x.front();
    x.remove_prefix(byte >= 0 ? 3 : 1);
  }
  return result;
}

/// Returns whether `x` is '/', or a character that a segment may contain as it
/// is (RFC 3986 section 3.3).
bool is_path_char(char x) {
  auto lower = to_lower(x);
  return (lower >= 'a' && lower <= 'z') || (x >= '0' && x <= '9')
         || std::string_view{"/-._~!$&'()*+,;=:@"}.find(x)
              != std::string_view::npos;
}

void append_escape(std::string& to, char byte) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  auto code = static_cast<unsigned char>(byte);
  to += '%';
  to += digits[code / 16];
  to += digits[code % 16];
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

bool is_plain_path(std::string_view x) noexcept {
  return std::ranges::all_of(x, is_path_char);
}

std::string normalize_path(std::string_view x) {
  std::string result;
  result.reserve(x.size());
  while (!x.empty()) {
    auto code = escaped(x);
    auto byte = code >= 0 ? static_cast<char>(code) : x.front();
    if (is_path_char(byte) && (byte != '/' || code < 0))
      result += byte;
    else
      append_escape(result, byte);
    x.remove_prefix(code >= 0 ? 3 : 1);
  }
  return result;
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
