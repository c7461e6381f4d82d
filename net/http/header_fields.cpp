#include "net/http/header_fields.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace troupe::net {

using namespace std::literals;

namespace {

bool is_settable(std::string_view name) {
  constexpr std::array reserved{
    "Connection"sv,       "Upgrade"sv,      "Date"sv,
    "Server"sv,           "Content-Type"sv, "Content-Length"sv,
    "Transfer-Encoding"sv};
  auto is_same = [&](std::string_view x) {
    return base::equal_without_case(x, name);
  };
  constexpr auto websocket = "Sec-WebSocket-"sv;
  return base::is_token(name) && std::ranges::none_of(reserved, is_same)
         && !base::equal_without_case(name.substr(0, websocket.size()),
                                      websocket);
}

bool is_valid(const header_field& x) {
  auto is_allowed = [](char c) {
    return c == '\t' || static_cast<unsigned char>(c) >= ' ';
  };
  return is_settable(x.name) && std::ranges::all_of(x.value, is_allowed);
}

} // namespace

std::string find_invalid(const std::vector<header_field>& fields) {
  auto i = std::ranges::find_if_not(fields, is_valid);
  return i == fields.end() ? std::string{} : '"' + i->name + '"';
}

std::string find_fault(const response& x) {
  if (x.status < 200 || x.status > 599)
    return "has a status of " + std::to_string(x.status);
  if (auto name = find_invalid(x.fields); !name.empty())
    return "has an invalid or reserved header field: " + name;
  if (x.type.find_first_of("\r\n") != std::string::npos)
    return "has an invalid type";
  return {};
}

std::string to_lines(const std::vector<header_field>& fields) {
  std::string result;
  for (const auto& x : fields)
    result.append(x.name).append(": ").append(x.value).append("\r\n");
  return result;
}

} // namespace troupe::net
