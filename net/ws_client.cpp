#include "troupe/ws_client.hpp"

#include "actors/client/client_spawner.hpp"
#include "base/protocol2.hpp"
#include "net/runtime/scheduler.hpp"
#include "net/ws_client/authorities.hpp"
#include "net/ws_client/ws_socket.hpp"
#include "net/ws_client/ws_url.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

namespace {

using std::chrono::milliseconds;

milliseconds in_milliseconds(caf::timespan x) {
  return std::chrono::ceil<milliseconds>(x);
}

caf::expected<net::ws_socket_settings> to_settings(const ws_client_options& x) {
  auto url = net::parse_ws_url(x.url);
  if (!url)
    return std::move(url.error());
  net::ws_socket_settings result;
  if (url->is_secure) {
    auto tls = net::client_tls_context(x.ca_file);
    if (!tls)
      return std::move(tls.error());
    result.tls = std::move(*tls);
  }
  result.url = std::move(*url);
  result.subprotocols = x.subprotocols;
  if (x.protocol == 2)
    result.subprotocols = {std::string{protocol2::subprotocol}};
  result.headers = x.headers;
  result.connect_timeout = in_milliseconds(x.connect_timeout);
  result.handshake_timeout
    = in_milliseconds(std::max(x.connect_timeout, x.close_timeout));
  result.idle_timeout = in_milliseconds(x.idle_timeout);
  result.max_message_size = x.max_message_size;
  return result;
}

/// Whether `x` may be part of a header field (RFC 9110 section 5.5): no line
/// breaks, which would begin another one.
bool is_one_line(const std::string& x) {
  return x.find_first_of(std::string_view{"\r\n\0", 3}) == x.npos;
}

} // namespace

caf::error ws_client_options::validate() const {
  constexpr milliseconds least{1};
  auto refuse = [](const char* why) {
    return make_error(errc::invalid_config, why);
  };
  if (auto x = net::parse_ws_url(url); !x)
    return std::move(x.error());
  if (protocol != 1 && protocol != 2)
    return refuse("protocol: must be 1 or 2");
  if (protocol == 2 && !subprotocols.empty())
    return refuse("subprotocols: version 2 of the protocol is one itself");
  for (const auto& [name, value] : headers)
    if (name.empty() || !is_one_line(name) || !is_one_line(value))
      return refuse("headers: a name is empty, or there is a line break");
  if (min_delay < least || max_delay < min_delay)
    return refuse("min_delay: must be from 1 ms to max_delay");
  if (connect_timeout < least)
    return refuse("connect_timeout: must be at least 1 ms");
  if (close_timeout < least)
    return refuse("close_timeout: must be at least 1 ms");
  if (idle_timeout < caf::timespan{0})
    return refuse("idle_timeout: must not be negative");
  if (max_message_size == 0)
    return refuse("max_message_size: must be at least 1");
  return {};
}

caf::expected<ws_client>
ws_client::connect(caf::actor_system& sys, ws_client_options options,
                   const std::function<void(ws_client&)>& setup) {
  auto* scheduler = net::scheduler::of(sys);
  if (scheduler == nullptr)
    return make_error(errc::foreign_runtime);
  if (auto err = options.validate())
    return err;
  auto settings = to_settings(options);
  if (!settings)
    return std::move(settings.error());
  auto& at = scheduler->next_worker();
  auto how
    = std::make_shared<const net::ws_socket_settings>(std::move(*settings));
  auto dial = [&at, how](caf::actor reports_to, uint64_t number) {
    return net::connect_ws_socket(at.io(), how, std::move(reports_to), number);
  };
  return actors::client_spawner::spawn(sys, &at, std::move(options),
                                       std::move(dial), setup);
}

} // namespace troupe
