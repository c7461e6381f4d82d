#include "base/address.hpp"

#include "base/ascii.hpp"
#include "base/number.hpp"

#include <boost/asio/ip/address.hpp>

namespace troupe::base {

namespace {

namespace ip = boost::asio::ip;

std::optional<ip::address> to_ip(std::string_view host) {
  boost::system::error_code ec;
  auto res = ip::make_address(host, ec);
  return ec ? std::nullopt : std::optional{res};
}

} // namespace

std::optional<address> parse_address(std::string_view x) {
  auto colon = x.rfind(':');
  if (colon == x.npos)
    return std::nullopt;
  auto host = x.substr(0, colon);
  auto digits = x.substr(colon + 1);
  auto port = parse_number<uint16_t>(digits);
  if (!port)
    return std::nullopt;
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    if (auto ip = to_ip(host); !ip || !ip->is_v6())
      return std::nullopt;
  } else if (host.empty() || host.find_first_of(":[] \t") != host.npos) {
    return std::nullopt;
  }
  return address{std::string{host}, *port};
}

std::string to_string(const address& x) {
  auto host = x.host.find(':') == x.host.npos ? x.host : '[' + x.host + ']';
  return host + ':' + std::to_string(x.port);
}

bool is_loopback(std::string_view host) {
  auto ip = to_ip(host);
  return ip ? ip->is_loopback() : equal_without_case(host, "localhost");
}

bool is_wildcard(std::string_view host) {
  auto ip = to_ip(host);
  return ip && ip->is_unspecified();
}

} // namespace troupe::base
