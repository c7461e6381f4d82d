#include "base/origin.hpp"

#include "base/ascii.hpp"
#include "base/host.hpp"

#include <optional>

namespace troupe::base {

namespace {

struct parts {
  std::string_view scheme;
  std::string_view host;
  std::string_view port; ///< Empty if it is the default port of the scheme.
};

/// @returns nothing unless `scheme` is that of a web server.
std::string_view default_port(std::string_view scheme) noexcept {
  if (equal_without_case(scheme, "https"))
    return "443";
  return equal_without_case(scheme, "http") ? "80" : "";
}

/// Splits `host:port`. The host may be an IPv6 address in brackets.
parts split(std::string_view scheme, std::string_view authority) noexcept {
  auto colon = authority.rfind(':');
  auto bracket = authority.rfind(']');
  if (colon == authority.npos || (bracket != authority.npos && colon < bracket))
    return {scheme, authority, ""};
  auto port = authority.substr(colon + 1);
  return {scheme, authority.substr(0, colon),
          port == default_port(scheme) ? "" : port};
}

/// @returns nothing if `origin` has no scheme, as "null".
std::optional<parts> parse(std::string_view origin) noexcept {
  auto end = origin.find("://");
  if (end == origin.npos)
    return std::nullopt;
  return split(origin.substr(0, end), origin.substr(end + 3));
}

bool consists_of(std::string_view x, std::string_view allowed) noexcept {
  return x.find_first_not_of(allowed) == x.npos;
}

/// The origin of pages that have none of their own, such as those in a sandbox
/// (RFC 6454 section 6.1).
constexpr std::string_view opaque = "null";

/// What some programs send for pages that were read from a file.
constexpr std::string_view from_file = "file://";

constexpr std::string_view digits = "0123456789";

constexpr std::string_view scheme_letters
  = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";

constexpr std::string_view ipv6_letters = "0123456789abcdefABCDEF:.";

} // namespace

bool is_same_origin(std::string_view origin, std::string_view host) noexcept {
  auto page = parse(origin);
  if (!page || default_port(page->scheme).empty())
    return false;
  auto server = split(page->scheme, host);
  return equal_without_case(page->host, server.host)
         && page->port == server.port;
}

bool is_origin_pattern(std::string_view pattern) noexcept {
  if (pattern == opaque || pattern == from_file)
    return true;
  auto x = parse(pattern);
  if (!x || x->scheme.empty() || !consists_of(x->scheme, scheme_letters))
    return false;
  if (pattern.ends_with(':') || !consists_of(x->port, digits))
    return false;
  if (x->host.starts_with('[') && x->host.ends_with(']'))
    return consists_of(x->host.substr(1, x->host.size() - 2), ipv6_letters);
  if (x->host.starts_with("*."))
    x->host.remove_prefix(2);
  return !x->host.empty()
         && x->host.find_first_of("*/?#@[]:, \t\r\n") == x->host.npos;
}

bool is_web_origin(std::string_view x) noexcept {
  return is_origin_pattern(x)
         && (has_scheme(x, "http") || has_scheme(x, "https"))
         && !host_of(x).starts_with('*');
}

bool has_scheme(std::string_view origin, std::string_view scheme) noexcept {
  auto x = parse(origin);
  return x && equal_without_case(x->scheme, scheme);
}

std::string_view host_of(std::string_view origin) noexcept {
  auto x = parse(origin);
  return x ? x->host : std::string_view{};
}

bool matches_origin(std::string_view pattern,
                    std::string_view origin) noexcept {
  if (pattern == opaque)
    return origin == opaque;
  auto wanted = parse(pattern);
  auto page = parse(origin);
  if (!wanted || !page || !equal_without_case(wanted->scheme, page->scheme)
      || wanted->port != page->port)
    return false;
  return matches_name(wanted->host, page->host);
}

} // namespace troupe::base
