#include "net/http/allowed_hosts.hpp"

#include "base/address.hpp"
#include "base/host.hpp"
#include "base/ip_prefix.hpp"
#include "base/origin.hpp"

#include <algorithm>

namespace troupe::net {

allowed_hosts::allowed_hosts(const listener_config& cfg)
  : patterns_{cfg.allowed_hosts} {
  if (base::is_loopback(cfg.host)) {
    patterns_.emplace_back("localhost");
  } else if (patterns_.empty()) {
    patterns_.emplace_back("*");
    is_open_by_default_ = cfg.public_url.empty();
  }
  if (!cfg.public_url.empty())
    patterns_.emplace_back(base::plain_host(base::host_of(cfg.public_url)));
}

/// Numeric addresses are served, since a page of another site can reach the
/// server only under a name.
std::optional<refusal> allowed_hosts::check(std::string_view host) const {
  auto name = base::plain_host(host);
  if (name.empty() || base::parse_ip(name)
      || std::ranges::any_of(patterns_, [name](const auto& x) {
           return base::matches_host(x, name);
         }))
    return std::nullopt;
  return refusal{
    boost::beast::http::status::misdirected_request,
    "this host is not served: set http.allowed-hosts or http.public-url",
    {},
    handshake_result::host};
}

} // namespace troupe::net
