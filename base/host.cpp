#include "base/host.hpp"

#include "base/ascii.hpp"
#include "base/number.hpp"

#include <arpa/inet.h>

#include <cstdint>
#include <string>

namespace troupe::base {

namespace {

bool is_hex(char x) noexcept {
  return std::string_view{"0123456789abcdefABCDEF"}.find(x)
         != std::string_view::npos;
}

/// Returns whether `x` may be in a name as it is: unreserved characters and
/// sub-delims, which are letters, digits and these.
bool is_name_char(char x) noexcept {
  return (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z')
         || (x >= '0' && x <= '9')
         || std::string_view{"-._~!$&'()*+,;="}.find(x)
              != std::string_view::npos;
}

/// Returns whether `x` is a reg-name, which includes IPv4 addresses.
bool is_name(std::string_view x) noexcept {
  for (size_t i = 0; i < x.size(); ++i) {
    if (is_name_char(x[i]))
      continue;
    if (x[i] != '%' || i + 2 >= x.size() || !is_hex(x[i + 1])
        || !is_hex(x[i + 2]))
      return false;
    i += 2;
  }
  return !x.empty();
}

bool is_ipv6(std::string_view x) {
  in6_addr ignored;
  return inet_pton(AF_INET6, std::string{x}.c_str(), &ignored) == 1;
}

bool is_port(std::string_view x) noexcept {
  return x.empty() || parse_number<uint16_t>(x);
}

} // namespace

bool is_host(std::string_view x) {
  if (!x.starts_with('[')) {
    auto name = split_off(x, ':');
    return is_name(name) && is_port(x);
  }
  x.remove_prefix(1);
  auto end = x.find(']');
  if (end == x.npos || !is_ipv6(x.substr(0, end)))
    return false;
  x.remove_prefix(end + 1);
  return x.empty() || (x.front() == ':' && is_port(x.substr(1)));
}

std::string_view plain_host(std::string_view authority) noexcept {
  if (authority.starts_with('['))
    return authority.substr(1, authority.find(']') - 1);
  auto host = authority.substr(0, authority.find(':'));
  if (host.ends_with('.'))
    host.remove_suffix(1);
  return host;
}

bool is_host_pattern(std::string_view x) noexcept {
  if (x == "*")
    return true;
  if (x.starts_with("*."))
    x.remove_prefix(2);
  return !x.empty() && x.front() != '.' && x.back() != '.'
         && x.find_first_of("*/?#@[]:, \t\r\n") == x.npos;
}

bool matches_name(std::string_view pattern, std::string_view host) noexcept {
  if (!pattern.starts_with("*."))
    return equal_without_case(pattern, host);
  auto suffix = pattern.substr(1);
  return host.size() > suffix.size()
         && equal_without_case(host.substr(host.size() - suffix.size()),
                               suffix);
}

bool matches_host(std::string_view pattern, std::string_view host) noexcept {
  return pattern == "*" || matches_name(pattern, host);
}

} // namespace troupe::base
