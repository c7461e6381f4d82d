#include "endpoint.hpp"

#include <arpa/inet.h>
#include <charconv>
#include <stdexcept>
#include <system_error>

namespace troupe::bench {

endpoint endpoint::parse(std::string_view url) {
  auto is_secure = url.starts_with("wss://");
  std::string_view scheme = is_secure ? "wss://" : "ws://";
  auto colon = url.find(':', scheme.size());
  auto slash = url.find('/', scheme.size());
  if (!url.starts_with(scheme) || colon == url.npos || slash == url.npos
      || slash < colon)
    throw std::invalid_argument{"--url must be ws[s]://ADDRESS:PORT/PATH"};
  endpoint result;
  result.protection = is_secure ? security::tls : security::none;
  result.address = url.substr(scheme.size(), colon - scheme.size());
  result.path = url.substr(slash);
  in_addr ignored;
  auto port = url.substr(colon + 1, slash - colon - 1);
  auto end = port.data() + port.size();
  auto [parsed, error] = std::from_chars(port.data(), end, result.port);
  if (error != std::errc{} || parsed != end
      || inet_pton(AF_INET, result.address.c_str(), &ignored) != 1)
    throw std::invalid_argument{"--url needs an IPv4 address and a port"};
  return result;
}

} // namespace troupe::bench
