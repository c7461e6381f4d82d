#include "net/ws_client/ws_url.hpp"

#include "troupe/error.hpp"

// Compiles the library into this file: only its headers are required.
#include <boost/url/src.hpp>

#include <utility>

namespace troupe::net {

namespace {

constexpr uint16_t http_port = 80;
constexpr uint16_t https_port = 443;

caf::error refuse(std::string_view text, const char* why) {
  return make_error(errc::invalid_config,
                    "url: '" + std::string{text} + "' " + why);
}

} // namespace

caf::expected<ws_url> parse_ws_url(std::string_view text) {
  namespace urls = boost::urls;
  auto url = urls::parse_uri(text);
  if (!url)
    return refuse(text, "is not a URL");
  auto scheme = url->scheme_id();
  if (scheme != urls::scheme::ws && scheme != urls::scheme::wss)
    return refuse(text, "does not begin with ws:// or wss://");
  if (url->host_address().empty())
    return refuse(text, "has no host");
  if (url->has_userinfo())
    return refuse(text, "has a user: use a header field");
  if (url->has_fragment())
    return refuse(text, "has a fragment");
  ws_url result;
  result.is_secure = scheme == urls::scheme::wss;
  result.host = url->host_address();
  result.port = result.is_secure ? https_port : http_port;
  if (url->has_port() && !url->port().empty()) {
    if (url->port_number() == 0)
      return refuse(text, "has an invalid port");
    result.port = url->port_number();
  }
  result.authority = url->encoded_host_and_port();
  result.target = url->encoded_target();
  if (!result.target.starts_with('/'))
    result.target.insert(0, 1, '/');
  return result;
}

} // namespace troupe::net
