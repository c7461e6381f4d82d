#include "base/host.hpp"

#include "base/ascii.hpp"

namespace troupe::base {

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

bool matches_host(std::string_view pattern, std::string_view host) noexcept {
  if (pattern == "*")
    return true;
  if (!pattern.starts_with("*."))
    return equal_without_case(pattern, host);
  auto suffix = pattern.substr(1);
  return host.size() > suffix.size()
         && equal_without_case(host.substr(host.size() - suffix.size()),
                               suffix);
}

} // namespace troupe::base
