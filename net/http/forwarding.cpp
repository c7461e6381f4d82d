#include "net/http/forwarding.hpp"

#include "base/ascii.hpp"
#include "base/number.hpp"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::net {

namespace {

/// Removes and returns the part of `text` after the last `delimiter` that is
/// not in quotes. Searches backward, since an unbalanced quote further left
/// must not hide what a proxy has appended.
std::string_view split_off_last(std::string_view& text, char delimiter) {
  auto is_quoted = false;
  for (auto i = text.size(); i-- > 0;) {
    if (text[i] == '"')
      is_quoted = !is_quoted;
    if (text[i] != delimiter || is_quoted)
      continue;
    auto result = text.substr(i + 1);
    text = text.substr(0, i);
    return result;
  }
  return std::exchange(text, {});
}

std::string_view unquoted(std::string_view x) {
  if (x.size() >= 2 && x.front() == '"' && x.back() == '"')
    return x.substr(1, x.size() - 2);
  return x;
}

/// Parses an address with or without port; IPv6 with port is in brackets.
std::optional<client_end> parse_end(std::string_view x) {
  std::string_view port = "0";
  if (x.starts_with('[')) {
    auto end = x.find(']');
    if (end == x.npos)
      return std::nullopt;
    if (auto rest = x.substr(end + 1); rest.starts_with(':'))
      port = rest.substr(1);
    else if (!rest.empty())
      return std::nullopt;
    x = x.substr(1, end - 1);
  } else if (auto colon = x.find(':');
             colon != x.npos && colon == x.rfind(':')) {
    port = x.substr(colon + 1);
    x = x.substr(0, colon);
  }
  auto address = base::parse_ip(x);
  auto number = base::parse_number<uint16_t>(port);
  if (!address || !number)
    return std::nullopt;
  return client_end{*address, *number};
}

url_scheme parse_scheme(std::string_view x) {
  if (base::equal_without_case(x, "https")
      || base::equal_without_case(x, "wss"))
    return url_scheme::https;
  if (base::equal_without_case(x, "http") || base::equal_without_case(x, "ws"))
    return url_scheme::http;
  return url_scheme::unknown;
}

/// Returns the elements of all fields `name`, the last one first. Empty ones
/// are left out.
std::vector<std::string_view> elements(const http_request& head,
                                       const char* name) {
  std::vector<std::string_view> fields;
  auto [i, end] = head.equal_range(name);
  for (; i != end; ++i)
    fields.emplace_back(i->value().data(), i->value().size());
  std::vector<std::string_view> result;
  for (; !fields.empty(); fields.pop_back())
    while (!fields.back().empty())
      if (auto x = base::trim(split_off_last(fields.back(), ',')); !x.empty())
        result.push_back(x);
  return result;
}

/// Returns the value of `name` in an element of Forwarded (RFC 7239 section 4);
/// empty if it is missing.
std::string_view parameter(std::string_view element, std::string_view name) {
  while (!element.empty()) {
    auto pair = split_off_last(element, ';');
    auto key = base::trim(base::split_off(pair, '='));
    if (base::equal_without_case(key, name))
      return unquoted(base::trim(pair));
  }
  return {};
}

} // namespace

forwarding::forwarding(const listener_config& cfg)
  : trusted_{base::parse_prefixes(cfg.trusted_proxies)},
    header_{cfg.proxy_header} {
}

client_end forwarding::client_of(const client_end& peer,
                                 const http_request& head) const {
  if (!has_clients(peer.address))
    return peer;
  return header_ == forwarding_header::forwarded ? from_elements(peer, head)
                                                 : from_list(peer, head);
}

/// Reads X-Forwarded-For. The scheme is the one that the nearest proxy names.
client_end forwarding::from_list(client_end peer,
                                 const http_request& head) const {
  for (auto element : elements(head, "X-Forwarded-For")) {
    auto next = parse_end(element);
    if (!next)
      break;
    peer = *next;
    if (!trusts(peer.address))
      break;
  }
  if (auto schemes = elements(head, "X-Forwarded-Proto"); !schemes.empty())
    peer.scheme = parse_scheme(schemes.front());
  return peer;
}

/// Reads Forwarded. The scheme is the one that the client has used.
client_end forwarding::from_elements(client_end peer,
                                     const http_request& head) const {
  for (auto element : elements(head, "Forwarded")) {
    auto next = parse_end(parameter(element, "for"));
    peer = next.value_or(peer);
    peer.scheme = parse_scheme(parameter(element, "proto"));
    if (!next || !trusts(peer.address))
      break;
  }
  return peer;
}

} // namespace troupe::net
