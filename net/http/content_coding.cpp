#include "net/http/content_coding.hpp"

#include "base/ascii.hpp"

namespace troupe::net {

namespace {

constexpr unsigned most = 1000;

/// Returns a quality value such as `0.5` in thousandths; 0 if it is invalid.
unsigned parse_quality(std::string_view x) {
  if (x.starts_with('1'))
    return most;
  if (!x.starts_with("0."))
    return 0;
  unsigned result = 0;
  auto unit = most / 10;
  for (auto c : x.substr(2)) {
    if (c < '0' || c > '9')
      return 0;
    result += static_cast<unsigned>(c - '0') * unit;
    unit /= 10;
  }
  return result;
}

/// Returns the quality of an element of a list, whose name was removed.
unsigned quality(std::string_view parameters) {
  while (!parameters.empty()) {
    auto value = base::split_off(parameters, ';');
    auto name = base::trim(base::split_off(value, '='));
    if (base::equal_without_case(name, "q"))
      return parse_quality(base::trim(value));
  }
  return most;
}

} // namespace

unsigned quality_of(std::string_view coding, std::string_view accept_encoding) {
  unsigned of_others = 0;
  while (!accept_encoding.empty()) {
    auto element = base::split_off(accept_encoding, ',');
    auto name = base::trim(base::split_off(element, ';'));
    if (base::equal_without_case(name, coding))
      return quality(element);
    if (name == "*")
      of_others = quality(element);
  }
  return of_others;
}

} // namespace troupe::net
